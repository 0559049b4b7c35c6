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

async function* filesBelow(entry) {
  if (HIDDEN.test(entry.name)) return;
  if (entry.isFile) {
    yield await new Promise((resolve, reject) => entry.file(resolve, reject));
    return;
  }
  const children = [];
  for await (const child of childrenOf(entry)) children.push(child);
  children.sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
  for (const child of children) yield* filesBelow(child);
}

/** Return the files of a drop as a FileList: those of folders in the order of their names, at most `most` of them. */
export async function filesOf(transfer, most) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.some((entry) => entry.isDirectory)) return transfer.files;
  const found = new DataTransfer();
  for (const entry of entries) {
    for await (const file of filesBelow(entry)) {
      if (found.files.length >= most) return found.files;
      found.items.add(file);
    }
  }
  return found.files;
}
