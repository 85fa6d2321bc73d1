// @ts-check
// Numbers and times as people read them.

/** @param {number | null | undefined} bytes */
export function bytes(bytes) {
  if (bytes === null || bytes === undefined) return "–";
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let [value, unit] = [bytes, 0];
  while (value >= 1024 && unit < units.length - 1) [value, unit] = [value / 1024, unit + 1];
  return `${value.toFixed(unit === 0 || value >= 100 ? 0 : 1)} ${units[unit]}`;
}

/** @param {number | null | undefined} seconds - "2 h 05 min", "3 min 20 s", "1.4 s" */
export function duration(seconds) {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return "–";
  if (seconds < 10) return `${seconds.toFixed(seconds < 1 ? 2 : 1)} s`;
  const whole = Math.round(seconds);
  const [days, hours, minutes] = [Math.floor(whole / 86400), Math.floor(whole / 3600) % 24, Math.floor(whole / 60) % 60];
  if (days) return `${days} d ${hours} h`;
  if (hours) return `${hours} h ${String(minutes).padStart(2, "0")} min`;
  if (minutes) return `${minutes} min ${String(whole % 60).padStart(2, "0")} s`;
  return `${whole} s`;
}

/** @param {number | null | undefined} value @param {number} [digits] - significant ones */
export function number(value, digits = 4) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size < 1e-3 || size >= 1e7) return value.toExponential(Math.min(2, digits - 1)).replace("e+", "e");
  return String(Number(value.toPrecision(size >= 10 ** digits ? Math.ceil(Math.log10(size)) : digits)));
}

/** @param {number | null | undefined} share */
export function percent(share) {
  return share === null || share === undefined ? "–" : `${Math.round(share * 100)} %`;
}

/** @param {number | string | null | undefined} time - seconds since 1970, or ISO 8601 */
export function moment(time) {
  if (!time) return "–";
  const date = new Date(typeof time === "number" ? time * 1000 : time);
  const isToday = date.toDateString() === new Date().toDateString();
  return isToday
    ? date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })
    : date.toLocaleDateString([], { year: "numeric", month: "short", day: "numeric" });
}

/** @param {number | null | undefined} count */
export function count(count) {
  return count === null || count === undefined ? "–" : count.toLocaleString("en").replaceAll(",", " ");
}

/** @param {number} many @param {string} word - "1 clip", "2 clips" */
export function plural(many, word) {
  return `${count(many)} ${word}${many === 1 ? "" : "s"}`;
}

/** @param {{step: number, totalSteps: number | null, secondsPerStep: number | null}} job - seconds that are left */
export function remaining(job) {
  if (!job.totalSteps || !job.secondsPerStep) return null;
  return Math.max(0, job.totalSteps - job.step) * job.secondsPerStep;
}

/** @param {any} value - a value of a run file on one line */
export function configValue(value) {
  if (value === null || value === undefined) return "none";
  if (typeof value === "object") return JSON.stringify(value);
  return String(value);
}

/** @param {string} path @returns {string} what stands behind the last slash */
export function baseName(path) {
  return path.slice(path.lastIndexOf("/") + 1);
}
