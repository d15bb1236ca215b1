// Sending a change, and what came of it.

import type { ParametersAnswer } from "@/data/queries";
import { ApiError, call, get } from "@/data/api";
import { signedBy, writer } from "@/data/writer";
import type { Config } from "@/stream/types";
import { refusedFaults, type Change, type Faults, type Values } from "./draft";

export type Outcome =
  | { kind: "saved"; config: Config }
  /** Someone else was first; `config` is what they made of it. */
  | { kind: "overtaken"; config: Config }
  | { kind: "refused"; faults: Faults; message: string }
  /** The server wants a token, or another one. */
  | { kind: "token" }
  /** Whether the change was written is not known: the version tells. */
  | { kind: "failed"; reason: "unreachable" | "kafka" | "other"; message: string };

const PATH = "/api/config/parameters";

/** Send just `changes`, on the condition that `version` is still in force. */
export async function save(changes: readonly Change[], version: number, values: Values): Promise<Outcome> {
  try {
    const { body } = await call<ParametersAnswer>(PATH, {
      method: "PUT",
      headers: { "If-Match": `"${version}"`, ...signedBy(writer.get()) },
      body: Object.fromEntries(changes.map(({ name, after }) => [name, after])),
    });
    return { kind: "saved", config: body };
  } catch (fault) {
    if (!(fault instanceof ApiError)) throw fault;
    return outcomeOf(fault, values);
  }
}

async function outcomeOf(fault: ApiError, values: Values): Promise<Outcome> {
  const { status, message } = fault;
  if (status === 401 || fault.code === "forbidden") return { kind: "token" };
  if (status === 422) return { kind: "refused", faults: refusedFaults(fault.details, values), message };
  if (status === 409) {
    try {
      return { kind: "overtaken", config: await get<ParametersAnswer>(PATH) };
    } catch {
      return { kind: "failed", reason: "other", message };
    }
  }
  if (status === 0) return { kind: "failed", reason: "unreachable", message };
  return { kind: "failed", reason: status === 503 ? "kafka" : "other", message };
}
