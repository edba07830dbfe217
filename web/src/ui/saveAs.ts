// Gives the browser a file to keep that was made here.
export function saveAs(blob: Blob, name: string) {
  const address = URL.createObjectURL(blob);
  Object.assign(document.createElement('a'), { href: address, download: name }).click();
  URL.revokeObjectURL(address);
}
