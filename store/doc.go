// Package store keeps requests, digests, what buttons stand for, and the audit stream in Redis. Nothing else knows
// Redis, but for the job queue, which lives in the same one under keys that begin with "asynq:".
//
// # Keys
//
// All begin with {easbot}, so that they lie in one slot of a cluster and a script can reach them together.
//
//	{easbot}:request:<id>         hash: v version, body JSON, n the nonce of the last save; 400 days after its end
//	{easbot}:device:<guid>        the id of the device's one request that waits for a decision or its write
//	{easbot}:open                 sorted set of ids of open requests, by the time they were made
//	{easbot}:owing                set of ids of requests that owe an effect
//	{easbot}:audit                stream of entries, ids 1-0, 2-0, …; kept for ever
//	{easbot}:audit:head           number and hash of the newest entry
//	{easbot}:audit:mailbox:<guid> sorted set of the numbers of the mailbox's entries
//	{easbot}:audit:request:<id>   sorted set of the numbers of the request's entries
//	{easbot}:digest:<day>         hash: v version, body JSON; 400 days
//	{easbot}:digest:seen          set of the devices that the last finished digest saw
//	{easbot}:digest:seen:at       when that digest was planned
//	{easbot}:digest:last          the latest day whose digest is done
//	{easbot}:ticket:<id>          what a button stands for; ends after some hours
//
// # The script
//
// Every change of a request is one run of save_request.lua: the version is compared, the request, its place in the
// indices, the audit entry and the head of the chain are written, or nothing is. A crash leaves all of it or nothing.
//
// Before it runs, the entry is sealed here: it carries the hash of the one before it, as the head says it now. When
// somebody else's entry comes first, the script answers "head" and the entry is sealed anew.
//
// The client sends a script again when the connection breaks before the answer. Each save has a nonce of its own,
// stored with the request: a second run of the same save answers "ok" instead of "conflict".
package store
