// Package approvals is the workflow from "may this phone sync?" to "mail flows": the states of a request, who may
// decide, and what is owed next. It knows neither Redis, nor LDAP, nor Slack.
//
// # The parts
//
//   - Next is the machine: a request and an event in, a request out. It is pure; what it may do is in Transitions.
//   - States and Effects are tables: what a state means to everybody else, and how what is owed behaves.
//   - Service is the machine on a store, a directory and a queue: Ask, Decide, Withdraw, Undo and Retry are people's,
//     PlanDigest, Reconcile and QueueOwed are the clock's, CarryOut is the queue's.
//   - The small interfaces in ports.go are all that it needs of the world.
//
// # What a step is
//
// A step is one save: the request's next version, its audit entry, and the effects that it owes then. Store.SaveRequest
// takes it whole or not at all, and only on top of the version that it was computed from. Of two people who press at
// once, one finds another version, loads that and decides again; usually it is told then that it came too late.
//
// An effect is something to be done in the world: a card to draw, a person to tell, a write to the directory, a look,
// an end. It is owed in the request itself, under an id that never changes, until the save of what came of it strikes
// it off. The queue only says when; it may forget everything.
//
// # Where a crash may come
//
// Between any two lines of this table the process may die, or an answer may be lost. Whoever runs next goes on as the
// table says.
//
//	after                       before                     what happens next
//	a click is acknowledged     its job runs               the job is in the queue, and runs
//	the directory was asked     the vote is saved          the job runs again, from the start
//	the vote is saved           its effects are queued     QueueOwed queues them
//	an effect is queued         it is queued again         the same id: once
//	an effect's job begins      anything is done           it is owed, so it runs again
//	the directory took a write  the outcome is saved       written again, which changes nothing
//	the card was posted         the card is noted          found by its key, or noted by a click on it
//	the person was told         the message is struck off  told again
//	the card was drawn          it is struck off           drawn again
//	the outcome is saved        the job leaves the queue   nothing is owed under that id: done
//	a digest's page was posted  its requests note it       found by its key, and noted
//	its requests noted it       the digest notes it        found by its key, and noted; twice is once
//
// Only a message can come twice, and only when the process dies between Slack's answer and the save. While others save
// at the same time nothing comes twice: see CarryOut.
package approvals
