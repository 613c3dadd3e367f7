/** Errors that are for the user: commands print their message and no stack trace. */

/** Something that the user can mend; tools print its message alone and exit with 1. */
export class UserError extends Error {}

/** A call that cannot be understood; tools print its message and exit with 2. */
export class UsageError extends Error {}
