// The files that were dropped on a page, also those in folders.

const HIDDEN = /^\.|^(?:__MACOSX|Thumbs\.db|desktop\.ini)$/i;

function childrenOf(folder) {
  const reader = folder.createReader();
  // A reader gives its entries in several parts; the last part is empty.
  const more = () => new Promise((resolve, reject) => reader.readEntries(resolve, reject));
  return (async function* () {
    for (let part = await more(); part.length > 0; part = await more()) yield* part;
  })();
}

// Yield each file with its path below what was dropped.
async function* filesBelow(entry) {
  if (HIDDEN.test(entry.name)) return;
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    yield { file, path: entry.fullPath.replace(/^\//, "") };
    return;
  }
  const children = [];
  for await (const child of childrenOf(entry)) children.push(child);
  children.sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
  for (const child of children) yield* filesBelow(child);
}

// Files of different folders that have one name are called by their paths, so that people can tell them apart.
function distinct(found) {
  const names = found.map(({ file }) => file.name);
  return found.map(({ file, path }) => {
    const isTaken = names.filter((name) => name === file.name).length > 1;
    return isTaken ? new File([file], path.replaceAll("/", " – "), { type: file.type }) : file;
  });
}

/** Return the files of a drop as a FileList: those of folders in the order of their names, at most `most` of them. */
export async function filesOf(transfer, most) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.some((entry) => entry.isDirectory)) return transfer.files;
  const found = [];
  for (const entry of entries) {
    for await (const one of filesBelow(entry)) {
      if (found.length < most) found.push(one);
      else return listOf(found);
    }
  }
  return listOf(found);
}

function listOf(found) {
  const list = new DataTransfer();
  for (const file of distinct(found)) list.items.add(file);
  return list.files;
}
