/**
 * The rules that could be left out without any one run looking wrong. They are always on; the explorer turns
 * them off one by one to show that it would notice.
 */
export const everyRule = {
  /** ask about an ancestor once for each edge that leads to it, not once in all */
  askEveryEdge: true,
  /** a task that is clean itself may stand under one that is not */
  askThroughClean: true,
  /** wait for a run whose product one would read */
  waitForReserved: true,
  /** wait for a task that will run, not only for one that runs */
  waitForDirty: true,
  /** remember every input that failed, not the last one only */
  rememberFailures: true,
  /** nothing below a failed task runs */
  blockBelowFailed: true,
  /** a release of an attempt that is over is refused */
  fence: true,
  /** content is compared with what downstream would pick, not with what the task made last */
  compareWithCurrent: true,
  /** the same content is no new version */
  earlyCutoff: true,
  /** a version given back can be reserved again */
  releaseReservations: true,
  /** a reserved version is nobody else's */
  reserve: true,
  /** a change that was taken is passed over when it comes again */
  passOverSeen: true,
  /** a run that reads what was withdrawn is cancelled */
  cancelWithdrawn: true,
  /** what was decided but perhaps not done is done again after a crash */
  submitAgain: true,
  /** what a cut wave holds back comes when the wave is over */
  releaseHeld: true,
  /** a result for inputs that are no longer right does not settle the task */
  runAgainWhenStale: true,
  /** what failed as often as its policy allows is not tried again */
  giveUp: true,
  /** wait for a run whose inputs are no longer right: its task runs once more */
  waitForStale: true,
  /** wait for what a base will bring, too */
  waitForBase: true,
  /** a child does not inherit what is older than what it made itself since */
  inheritNewest: true,
  /** of its own products a task reads those that are there when it starts */
  pinPrevious: true,
  /** what a task reads of its own products is in the key of the run */
  previousInKey: true,
  /** a run that reads a product of its own that was withdrawn is cancelled, too */
  watchPrevious: true,
  /** what was made elsewhere of the same is shown, not made again */
  refer: true,
  /** only what still is as a run made it is shown elsewhere */
  referWhole: true,
  /** only what would be picked is shown elsewhere */
  referNewest: true,
  /** what could not be shown is made */
  referOnce: true,
  /** a known result is known by its bytes, not by its version */
  knownByBytes: true,
  /** when a task moves, those below it are asked again */
  askBelowAgain: true,
  /** an end is final */
  endOnce: true,
  /** a ticket ends with its attempt */
  dropTickets: true,
  /** what is paused does not start, nor what is below it */
  holdPaused: true,
  /** what waits for a place on inputs that are no longer right is taken back */
  supersede: true,
  /** only the engine knows that nobody has begun */
  confirmTakenBack: true,
  /** after a crash the engine is asked again for what was to be taken back */
  takeBackAgain: true,
};
export type Rules = { readonly [Rule in keyof typeof everyRule]: boolean };
