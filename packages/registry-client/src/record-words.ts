/** Everything that is kept of a run for good, as the HTTP API tells it: enough to make it again, or to compare it. */
import type {
  CodeLock,
  ErrorBody,
  IndexName,
  Manifest,
  RunOutcome,
  Ticket,
  TicketInput,
  ReusedPoints,
} from '@pipl/packl';
import type { RunView } from './api.ts';

/** A variable of the actions; of one that may be secret only the hash. The folder of the installed code is `{tree}`. */
export type RecordedVariable = { readonly value: string } | { readonly sha256: string };

/** What the runner says before the first action. */
export interface RunReport {
  readonly template: { readonly hash: string; readonly text: string };
  /** with defaults filled in */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly environment: Readonly<Record<string, RecordedVariable>>;
  readonly node: string;
  readonly platform: string;
}

/** The action that a run failed at. */
export interface FailedAt {
  readonly step: string;
  /** `frame=1-8`, or `entering X`; absent for a step without points */
  readonly where?: string;
}

export interface RunEnding {
  readonly state: string;
  readonly reason?: string;
  readonly error?: ErrorBody;
  readonly failedAt?: FailedAt;
  readonly outcome?: RunOutcome;
  /** the attempt whose outputs it published, without running again */
  readonly resumed?: string;
  readonly provenance?: {
    /** with the content that was checked out */
    readonly inputs: readonly {
      readonly name: string;
      readonly version: string;
      readonly slot: string;
      readonly assets: Readonly<Record<string, string>>;
    }[];
    /** as `inputs`: what the task had made last, where it asks for that */
    readonly previous?: readonly {
      readonly name: string;
      readonly version: string;
      readonly slot: string;
      readonly assets: Readonly<Record<string, string>>;
    }[];
    /** product → asset → digest */
    readonly products: Readonly<Record<string, Readonly<Record<string, string>>>>;
    /** points that came from earlier runs, by step */
    readonly reused?: readonly ReusedPoints[];
  };
}

export interface RunRecordView {
  readonly run: RunView;
  /** everything it was to read, pinned */
  readonly lock: {
    readonly hash: string;
    /** what the task itself asks for: name → version */
    readonly direct: Readonly<Record<string, string>>;
    /** `name@version` → integrity */
    readonly pins: Readonly<Record<string, string>>;
  };
  /** absent: the run was made before such things were kept, or its engine has not told yet */
  readonly ticket?: Ticket;
  /** absent: as `ticket`, or it ended before anything was prepared */
  readonly report?: RunReport;
  readonly ending?: RunEnding;
}

/** What a packl resolves to in an index, now or at a moment of the past. */
export interface ResolvedView {
  readonly index: IndexName;
  /** the last change that counts */
  readonly seq: number;
  readonly name: string;
  readonly version: string;
  readonly integrity: string;
  readonly manifest: Manifest;
  /** absent while something is missing; as in {@link RunRecordView} */
  readonly lock?: RunRecordView['lock'];
  /** products that fill its slots */
  readonly inputs?: readonly TicketInput[];
  readonly codeLock?: CodeLock;
  /** what is there of the products that it makes: name → version */
  readonly products?: Readonly<Record<string, string>>;
  readonly missing?: readonly { readonly name: string; readonly range: string; readonly from: string }[];
}
