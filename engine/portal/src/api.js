// Requests to the gateway: JSON both ways, and its refusals as errors that can be shown as they are.
import { parse } from "./said.js";
import { language } from "./words.js";

/** A refusal (RFC 9457), or no answer at all (status 0). `message` is a sentence for people, made by the gateway. */
export class Problem extends Error {
  constructor(status, detail, body = {}) {
    super(detail);
    this.status = status;
    this.body = body;
  }
}

/** Called with each refusal that says "sign in first". */
export const onSignedOut = { call: () => {} };

/**
 * Asks, and returns {body, etag}.
 * @param {string} method
 * @param {string} path below /api/v1/, already encoded where it holds names
 * @param {{query?: object, body?: object, etag?: string, signal?: AbortSignal}} more query values of null are left out
 */
export async function ask(method, path, { query = {}, body, etag, signal } = {}) {
  const headers = { accept: "application/json" };
  if (body !== undefined) headers["content-type"] = "application/json";
  if (etag) headers["if-match"] = etag;
  let answer;
  try {
    answer = await fetch(address(path, query), {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: "same-origin",
      cache: "no-store",
      signal,
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, "");
  }
  const told = await read(answer);
  if (answer.ok) return { body: told, etag: answer.headers.get("etag") };
  const problem = new Problem(answer.status, (told && (told.detail || told.title)) || answer.statusText, told || {});
  if (answer.status === 401) onSignedOut.call(problem);
  throw problem;
}

export const get = async (path, query, signal) => (await ask("GET", path, { query, signal })).body;
export const put = async (path, body, etag) => (await ask("PUT", path, { body, etag })).body;
export const post = async (path, body) => (await ask("POST", path, { body })).body;
export const remove = async (path, etag) => (await ask("DELETE", path, { etag })).body;

/** Returns the address of a route, in the language of the page. */
export function address(path, query = {}) {
  const all = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...query, lang: language.value })) {
    if (value !== null && value !== undefined) all.set(name, value);
  }
  return `/api/v1/${path}?${all}`;
}

async function read(answer) {
  const text = await answer.text();
  try {
    return text ? parse(text) : null;
  } catch {
    return null;
  }
}
