// What changed, for people to read.

/** What differs between two values, by the path of its key: [[path, before, after], …]. */
export function differences(before, after, written = String) {
  const flat = (value, path, out) => {
    if (value !== null && typeof value === "object") for (const key of Object.keys(value)) flat(value[key], path ? `${path}.${key}` : key, out);
    else if (value !== null && value !== undefined) out[path || "="] = written(value);
    return out;
  };
  const a = flat(before, "", {}), b = flat(after, "", {});
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((key) => a[key] !== b[key]).map((key) => [key, a[key], b[key]]);
}
