/**
 * Reads what a step asks of the host that runs it: amounts (at least 4 cores) and attributes (linux).
 *
 * Values may hold template-scope names, so the same checks run again on the values they become.
 */
import { codePoints } from './code-points.ts';
import { compareNumberTexts, parseDecimal } from './decimal.ts';
import { decimalText } from './number-readers.ts';
import { list, object, optional, required } from './reader.ts';
import type { Place, Reader } from './reader.ts';
import type {
  AmountRequirementTemplate,
  AttributeRequirementTemplate,
  HostRequirementsTemplate,
} from './template-types.ts';
import { anyText, formatText, isFormat } from './text-readers.ts';

const reservedScopes = ['worker', 'job', 'step', 'task'];

const standardAmounts: readonly string[] = [
  'amount.worker.vcpu',
  'amount.worker.memory',
  'amount.worker.gpu',
  'amount.worker.gpu.memory',
  'amount.worker.disk.scratch',
];

/** Attributes of the specification: their values, of which a host has one. */
const standardAttributes: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    'attr.worker.os.family': ['linux', 'windows', 'macos'],
    'attr.worker.cpu.arch': ['x86_64', 'arm64'],
  }),
);

const name = /^(?:[a-z_][a-z0-9_]*:)?(amount|attr)\.([a-z_][a-z0-9_]*)(?:\.[a-z_][a-z0-9_]*)*$/;

function checkCapability(
  written: string,
  { kind, standard }: { kind: 'amount' | 'attr'; standard: readonly string[] },
  place: Place,
): void {
  const lower = written.toLowerCase();
  const most = place.rules.limits.capabilityName;
  const [, prefix, scope] = name.exec(lower) ?? [];
  if (codePoints(written) > most) place.at('name').say(`exceeds ${most} characters.`);
  else if (prefix !== kind || scope === undefined) {
    place.at('name').say(`'${written}' must have the form [vendor:]${kind}.<name>[.<name>]*.`);
  } else if (reservedScopes.includes(scope) && !standard.includes(lower)) {
    const only = 'Only spec-defined capabilities may use this scope.';
    place.say(`capability '${written}' uses reserved scope '${scope}'. ${only}`);
  }
}

const amountValue: Reader<string> = (value, place) => {
  if (typeof value !== 'string' || !isFormat(value)) return decimalText(value, place);
  if (place.rules.allows('FEATURE_BUNDLE_1')) return formatText()(value, place);
  return place.say('format strings are not allowed here without the FEATURE_BUNDLE_1 extension.');
};

const readAmount: Reader<AmountRequirementTemplate> = object('AmountRequirement', {
  name: required(anyText),
  min: optional(amountValue),
  max: optional(amountValue),
});

const known = (value: string | undefined) => (value === undefined || isFormat(value) ? undefined : value);

/** Checks the values that are known, so that unresolved format strings pass. */
export function checkAmount({ min, max, name: capability }: AmountRequirementTemplate, place: Place): void {
  checkCapability(capability, { kind: 'amount', standard: standardAmounts }, place);
  if (min === undefined && max === undefined) place.say('must have at least one of min or max.');
  const [least, most] = [known(min), known(max)];
  for (const [field, value] of [
    ['min', least],
    ['max', most],
  ] as const) {
    if (value !== undefined && !parseDecimal(value)) {
      place.at(field).say(`'${value}' is not a finite number.`);
      return;
    }
  }
  if (least !== undefined && compareNumberTexts(least, '0') < 0) place.at('min').say('must be non-negative.');
  if (most !== undefined && compareNumberTexts(most, '0') <= 0) place.at('max').say('must be positive.');
  if (least !== undefined && most !== undefined && compareNumberTexts(least, most) > 0) {
    place.say(`min (${least}) > max (${most}).`);
  }
}

const values = list(formatText(), {
  empty: 'must not be empty.',
  most: ({ limits }) => limits.attributeValues,
});

const readAttribute: Reader<AttributeRequirementTemplate> = object('AttributeRequirement', {
  name: required(anyText),
  anyOf: optional(values),
  allOf: optional(values),
});

/** Checks the values that are known, so that unresolved format strings pass. */
export function checkAttribute(
  { name: capability, anyOf, allOf }: AttributeRequirementTemplate,
  place: Place,
): void {
  const standard = standardAttributes.get(capability.toLowerCase());
  checkCapability(capability, { kind: 'attr', standard: [...standardAttributes.keys()] }, place);
  if (!anyOf && !allOf) place.say('must have at least one of anyOf or allOf.');
  if (standard && allOf && allOf.length > 1) {
    place.at('allOf').say('single-valued attribute cannot have more than 1 element.');
  }
  for (const [field, given] of [
    ['anyOf', anyOf],
    ['allOf', allOf],
  ] as const) {
    for (const [index, value] of (given ?? []).entries()) {
      const fault = isFormat(value) ? undefined : valueFault(value, place);
      if (fault !== undefined) place.at(field, index).say(fault);
      else if (standard && !isFormat(value) && !standard.includes(value.toLowerCase())) {
        place.at(field).say(`value '${value}' is not valid for ${capability}.`);
      }
    }
  }
}

function valueFault(value: string, { rules }: Place): string | undefined {
  if (value === '') return 'must not be empty.';
  if (codePoints(value) > rules.limits.attributeValue)
    return `exceeds ${rules.limits.attributeValue} characters.`;
  return /^[A-Za-z_][A-Za-z0-9_-]*$/.test(value)
    ? undefined
    : `value '${value}' contains invalid characters.`;
}

const readRequirements: Reader<HostRequirementsTemplate> = object('HostRequirements', {
  amounts: optional(list(readAmount)),
  attributes: optional(list(readAttribute)),
});

/** Everything that can be said of requirements, before or after their format strings are resolved. */
export function checkHostRequirements(
  { amounts = [], attributes = [] }: HostRequirementsTemplate,
  place: Place,
): void {
  const most = place.rules.limits.hostRequirements;
  if (amounts.length + attributes.length === 0) place.say('must have at least one of amounts or attributes.');
  if (amounts.length + attributes.length > most) place.say(`must not have more than ${most} requirements.`);
  for (const [index, amount] of amounts.entries()) checkAmount(amount, place.at('amounts', index));
  for (const [index, one] of attributes.entries()) checkAttribute(one, place.at('attributes', index));
  checkDuplicates(amounts, 'amount', place.at('amounts'));
  checkDuplicates(attributes, 'attribute', place.at('attributes'));
}

function checkDuplicates(all: readonly { readonly name: string }[], what: string, place: Place): void {
  const seen = new Set<string>();
  for (const [index, one] of all.entries()) {
    const lower = one.name.toLowerCase();
    if (seen.has(lower)) place.at(index).say(`duplicate ${what} name '${one.name}'.`);
    seen.add(lower);
  }
}

export const hostRequirements: Reader<HostRequirementsTemplate> = (value, place) => {
  const read = readRequirements(value, place);
  if (read) checkHostRequirements(read, place);
  return read;
};
