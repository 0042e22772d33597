declare module 'bunny' {
  const bunny: { readonly positions: readonly Triple[]; readonly cells: readonly Triple[] };
  type Triple = readonly [number, number, number];
  export default bunny;
}
