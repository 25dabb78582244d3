package diag

import (
	"strconv"

	"easbot/internal/eas"
	"easbot/internal/exchange"
)

// The states of a move as msExchMailboxMoveStatus holds them (Microsoft Learn: Get-MoveRequest, -MoveStatus). The
// numbers are not published; these were seen in the field.
const (
	moveQueued      = 1
	moveInProgress  = 2
	moveAutoSuspend = 3
	moveCompleting  = 4
	moveSynced      = 5
	moveSuspended   = 95
	moveFailed      = 99
)

// checkMove remarks on a mailbox that is being moved. Phones go on meanwhile, and have to come back at its end.
func (d *diagnosis) checkMove() {
	m := d.snapshot.Mailbox
	status, ok := readOr(d, m.MoveStatus, 0, OK)
	if !ok {
		return
	}
	h := hit{
		Code:     CauseMailboxMove,
		Evidence: []Evidence{newEvidence(m.DN, "msExchMailboxMoveStatus", strconv.Itoa(status))},
		Commands: d.mailboxScript(needsView,
			exchange.FormatCommand("Get-MoveRequest -Identity %s | Get-MoveRequestStatistics", identityOf(m))),
	}
	switch status {
	case moveQueued, moveInProgress, moveCompleting:
	case moveAutoSuspend, moveSynced, moveSuspended, moveFailed:
		h.Variants = []string{"stuck"}
	default:
		return
	}
	if target, known := m.MoveTarget.IfPresent(); known {
		h.Evidence = append(h.Evidence, newEvidence(m.DN, "msExchMailboxMoveTargetMDBLink", target))
	}
	d.addFinding(h)
}

// linkedAccount says whose account signs in for a linked mailbox.
func linkedAccount(m eas.Mailbox) string {
	sid, hidden := m.MasterAccount.Or("")
	switch {
	case hidden != nil:
		return "an account that could not be read"
	case sid == "":
		return "an account that is not noted"
	default:
		return "the account " + eas.Clean(sid, 100)
	}
}
