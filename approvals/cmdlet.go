package approvals

import "easbot/internal/exchange"

// Cmdlet returns the Exchange command that does what easbot would write for the request, and the one that undoes it.
// Each names one device id of one mailbox and leaves the rest of the lists alone. Both are empty when a value has
// characters that cannot be shown: what somebody copies must be what is meant.
func Cmdlet(r Request, verb Verb) (command, undo string) {
	set := func(changes ...exchange.ListChange) string {
		return exchange.SetCASMailbox(exchangeIdentity(r.Mailbox), r.Device.ID, changes...)
	}
	do, back := []exchange.ListChange{exchange.AddAllowed, exchange.RemoveBlocked}, exchange.RemoveAllowed
	restore, was := []exchange.ListChange{exchange.AddBlocked, exchange.RemoveAllowed}, r.Baseline.InBlocked
	if verb == Block {
		do, restore, back, was = restore, do, exchange.RemoveBlocked, r.Baseline.InAllowed
	}
	if was { // the undo puts it back where it was
		return set(do...), set(restore...)
	}
	return set(do...), set(back)
}

// exchangeIdentity names a mailbox to Exchange.
func exchangeIdentity(o Owner) string {
	if o.Address != "" {
		return o.Address
	}
	return o.DN
}
