/**
 * A MongoDB server that runs already: neither Debian nor npm has a package of one. It has to let everybody in; tests
 * make a database of their own there.
 */
const address = process.env['MONGODB_ADDRESS'];

export const mongodbAddress = address === '' ? undefined : address;

/** Reports, in place of tests that need the server, that they are left out: no failure, even where no gap is. */
export function leaveOutMongodb(): void {
  it('MongoDB: MONGODB_ADDRESS=HOST:PORT names no server');
}
