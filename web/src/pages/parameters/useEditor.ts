import { useState } from "react";
import type { Config } from "@/stream/types";
import {
  changesOf,
  faultsOf,
  tidied,
  type Change,
  type Draft,
  type Faults,
  type Limits,
  type Name,
} from "./draft";
import { save, type Outcome } from "./saving";

/** A draft and the set that it was begun on: the one its `If-Match` names. */
interface Editing {
  draft: Draft;
  base: Config;
}

/** A change that came into force while the page was open. */
export interface Seen {
  version: number;
  at: string | null;
  changes: readonly Change[];
}

// Outlives a look at another page; a draft is gone only when it is applied, discarded or the tab is closed.
let kept: Editing | null = null;

export interface Editor {
  inForce: Config;
  /** What the draft stands on; `inForce` while nothing is edited. */
  base: Config;
  draft: Draft;
  changes: readonly Change[];
  faults: Faults;
  /** Someone else changed the set after the draft was begun. */
  overtaken: boolean;
  sending: boolean;
  outcome: Outcome | null;
  seen: readonly Seen[];
  /** Versions that this page made. */
  own: readonly number[];
  edit: (name: Name, typed: string | boolean | null) => void;
  fill: (draft: Draft) => void;
  reset: (name: Name) => void;
  /** Take the text of a field as it is meant, when the field is left. */
  settle: () => void;
  discard: () => void;
  apply: () => Promise<void>;
  /** Go on from the newest set with `draft`; `send` applies it at once. */
  rebase: (draft: Draft, send: boolean) => Promise<void>;
  dismiss: () => void;
}

const NOTHING: Draft = {};

export function useEditor(stream: Config, limits: Limits): Editor {
  const [editing, setEditing] = useState<Editing | null>(kept);
  const [answered, setAnswered] = useState<Config | null>(null);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const [sending, setSending] = useState(false);
  const [made, setMade] = useState<readonly number[]>([]);
  // The answer of a PUT may be here before the stream tells.
  const inForce = answered && answered.version > stream.version ? answered : stream;
  const [log, setLog] = useState<{ last: Config; seen: readonly Seen[] }>({ last: inForce, seen: [] });
  if (log.last.version !== inForce.version) {
    const changes = changesOf(draftOf(inForce), log.last.parameters);
    const { version, updated_at: at } = inForce;
    setLog({ last: inForce, seen: [{ version, at, changes }, ...log.seen].slice(0, 50) });
  }

  const begun = editing ?? { draft: NOTHING, base: inForce };
  const own = changesOf(begun.draft, begun.base.parameters);
  const wrong = faultsOf(begun.draft, begun.base.parameters, limits);
  const dirty = own.length > 0 || Object.keys(wrong).length > 0;
  const base = dirty ? begun.base : inForce;
  const refused = outcome?.kind === "refused" ? outcome.faults : {};

  const become = (next: Editing | null) => {
    kept = next;
    setEditing(next);
  };
  const send = async ({ draft, base }: Editing) => {
    const changes = changesOf(draft, base.parameters);
    if (changes.length === 0) {
      become(null);
      return;
    }
    setSending(true);
    setOutcome(null);
    try {
      const came = await save(changes, base.version, base.parameters);
      if (came.kind === "saved" || came.kind === "overtaken") setAnswered(came.config);
      if (came.kind === "saved") {
        become(null);
        setMade((before) => [...before, came.config.version]);
      }
      setOutcome(came);
    } finally {
      setSending(false);
    }
  };
  return {
    inForce,
    base,
    draft: begun.draft,
    changes: own,
    faults: { ...refused, ...wrong },
    overtaken: dirty && base.version !== inForce.version,
    sending,
    outcome,
    seen: log.seen,
    own: made,
    edit(name, typed) {
      become({ draft: { ...begun.draft, [name]: typed }, base });
      setOutcome((before) => (before ? withoutFault(before, name) : null));
    },
    fill(draft) {
      become({ draft: tidied({ ...begun.draft, ...draft }, base.parameters), base });
      setOutcome(null);
    },
    reset(name) {
      become({
        draft: Object.fromEntries(Object.entries(begun.draft).filter(([one]) => one !== name)),
        base,
      });
      setOutcome((before) => (before ? withoutFault(before, name) : null));
    },
    settle: () => become({ draft: tidied(begun.draft, base.parameters), base }),
    discard() {
      become(null);
      setOutcome(null);
    },
    apply: () => send({ draft: begun.draft, base }),
    async rebase(draft, now) {
      const next = { draft, base: inForce };
      become(next);
      setOutcome(null);
      if (now) await send(next);
    },
    dismiss: () => setOutcome(null),
  };
}

/** A whole set as a draft, for comparing two of them. */
const draftOf = (config: Config): Draft =>
  Object.fromEntries(
    Object.entries(config.parameters).map(([name, value]) => [
      name,
      typeof value === "number" ? String(value) : value,
    ]),
  );

/** A field that is typed into again is no longer refused; other news stay until they are dealt with. */
function withoutFault(outcome: Outcome, name: Name): Outcome | null {
  if (outcome.kind === "saved" || outcome.kind === "failed") return null;
  if (outcome.kind !== "refused") return outcome;
  const left = Object.entries(outcome.faults).filter(([one]) => one !== name);
  return left.length > 0 ? { ...outcome, faults: Object.fromEntries(left) } : null;
}
