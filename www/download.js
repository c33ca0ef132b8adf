import { toCsv } from "./csv.js";

/** Makes the browser save a text as a file. @param {string} name @param {string} type @param {string} text */
export function download(name, type, text) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // By then, the browser has its own reference to the bytes.
  setTimeout(() => URL.revokeObjectURL(url));
}

/** @param {string | undefined} aid @param {string} table */
export function downloadCsv(aid, table, fields, rows) {
  download(fileName(aid, table, "csv"), "text/csv;charset=utf-8", toCsv(fields, rows));
}

/** "thousandeyes-usage_2067_tests_2026-11-23.csv" */
export function fileName(aid, table, extension, at = new Date()) {
  const parts = ["thousandeyes-usage", aid, table, at.toISOString().slice(0, 10)].filter(Boolean);
  return `${parts.join("_").replace(/[^\p{L}\p{N}._-]+/gu, "-")}.${extension}`;
}
