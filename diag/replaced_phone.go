package diag

import (
	"fmt"
	"strings"
	"time"

	"easbot/internal/eas"
)

// addReplacedPhone remarks that a held device looks like a known one with a new id: a phone that was reset or whose account
// was added anew. It is a hint for the approver, never a reason to let anything in.
func (d *diagnosis) addReplacedPhone(dev eas.Device) {
	old, ok := d.formerPhone(dev)
	if !ok {
		return
	}
	name, m := d.deviceLabel(dev), d.snapshot.Mailbox
	do, undo := allowDevice(m, dev.ID)
	if eas.HasID(m.AllowedIDs, old.ID) {
		do = joinCommands(do, quotedCommand(removeAllowed, m.ShellIdentity(), old.ID))
		undo = joinCommands(quotedCommand(addAllowed, m.ShellIdentity(), old.ID), undo)
	}
	d.addDeviceFinding(OK, "", dev, Finding{
		Code: "replacement-of-known-device", Severity: Info, Step: StepAccess, Device: eas.Clean(dev.ID, 200),
		Summary: fmt.Sprintf("It may be a phone that is allowed already: same model and system as %s, which has been silent since this one came.", eas.Clean(old.ID, 200)),
		Plain:   fmt.Sprintf("Your %s looks like a phone that was approved before. Resetting a phone, or adding the account again, can give it a new number.", name),
		Evidence: []Evidence{
			newEvidence(old.DN, "msExchDeviceModel", old.Model),
			newEvidence(old.DN, "msExchLastUpdateTime", dateOrUnknown(lastSignOfLife(old))),
			newEvidence(dev.DN, "msExchFirstSyncTime", dateOrUnknown(firstSeen(dev))),
		},
		Fix: Fix{
			Who:      WhoApprover,
			Text:     "Ask the person whether it is the same phone. If so, allow the new id and take the old one off the list.",
			Plain:    "When you ask for approval, say whether it is the same phone as before.",
			Commands: do, Undo: undo,
			Affects: "these two ids only",
		},
	})
}

// formerPhone finds an allowed device of the same model and system that has not been heard of since dev came.
func (d *diagnosis) formerPhone(dev eas.Device) (eas.Device, bool) {
	start := firstSeen(dev)
	if dev.Model == "" || start.IsZero() {
		return eas.Device{}, false
	}
	for _, old := range d.snapshot.Devices.Value {
		if old.ID == dev.ID || old.IsProbe() || !old.StateKnown || old.State != eas.StateAllowed || !firstSeen(old).Before(start) {
			continue
		}
		if strings.EqualFold(old.Model, dev.Model) && systemFamily(old) == systemFamily(dev) && !lastSignOfLife(old).After(start) {
			return old, true
		}
	}
	return eas.Device{}, false
}

// systemFamily is the system without its version: "iOS 17.6 21G80" and "iOS 18.1" are one family.
func systemFamily(d eas.Device) string {
	if f := strings.Fields(strings.ToLower(d.OS)); len(f) > 0 {
		return f[0]
	}
	return strings.ToLower(d.Type)
}

// lastSignOfLife is the last time that Exchange wrote something about the device. Exchange does not keep the time of the last
// sync in the directory, so this is the best there is.
func lastSignOfLife(d eas.Device) time.Time {
	if !d.LastUpdate.IsZero() {
		return d.LastUpdate
	}
	return firstSeen(d)
}

func dateOrUnknown(t time.Time) string {
	if t.IsZero() {
		return "not known"
	}
	return t.UTC().Format("2006-01-02")
}
