// REST calls. Errors carry what the server said, so that pages can tell it.

import type { components } from "@/generated/api";

export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(status: number, code: string, message: string, details: Record<string, unknown>) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

export interface Request {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

export interface Reply<T> {
  body: T;
  headers: Headers;
  status: number;
}

const TOKEN = "ptj.token";

/** The token for writes, kept for the tab only. A server without one needs none. */
export const token = {
  get: (): string | null => sessionStorage.getItem(TOKEN),
  set: (value: string): void => sessionStorage.setItem(TOKEN, value),
};

/** Ask the API. Raises `ApiError` for an answer that is not 2xx (status 0: no answer at all). */
export async function call<T>(path: string, request: Request = {}): Promise<Reply<T>> {
  const { body, ...rest } = await callText(path, request);
  return { ...rest, body: parse(body) as T };
}

/** The same for an answer that is no JSON. */
export async function callText(path: string, request: Request = {}): Promise<Reply<string>> {
  const { method = "GET", body, headers = {}, signal } = request;
  const sent: Record<string, string> = { Accept: "application/json", ...headers };
  if (body !== undefined) sent["Content-Type"] = "application/json";
  const known = method === "GET" ? null : token.get();
  if (known) sent["Authorization"] = `Bearer ${known}`;
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers: sent,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    });
  } catch (fault) {
    if (signal?.aborted) throw fault;
    throw new ApiError(0, "unreachable", "The server cannot be reached.", {});
  }
  const text = await response.text();
  if (!response.ok) {
    // A proxy has a shape of its own.
    const { error } = (parse(text) ?? {}) as Partial<components["schemas"]["ErrorAnswer"]>;
    throw new ApiError(
      response.status,
      error?.code ?? "error",
      error?.message ?? response.statusText,
      error?.details ?? {},
    );
  }
  return { body: text, headers: response.headers, status: response.status };
}

function parse(text: string): unknown {
  try {
    return text === "" ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

export const get = async <T>(path: string, signal?: AbortSignal): Promise<T> =>
  (await call<T>(path, signal ? { signal } : {})).body;

/** `?a=1&b=x` of the values that are there. */
export function query(values: Record<string, string | number | boolean | null | undefined>): string {
  const known = Object.entries(values).filter(
    ([, value]) => value !== null && value !== undefined && value !== "",
  );
  const text = new URLSearchParams(known.map(([name, value]) => [name, String(value)])).toString();
  return text ? `?${text}` : "";
}
