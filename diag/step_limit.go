package diag

import (
	"fmt"
	"slices"
	"strings"

	"easbot/internal/eas"
)

// exchangesMaxDevices is EasMaxDevices where no throttling policy sets it (New-ThrottlingPolicy).
const exchangesMaxDevices = 100

// checkLimit is the sixth step: Exchange checks the number of partnerships only when it is to make a new one.
func (d *diagnosis) checkLimit() {
	devices, org := d.snapshot.Devices, d.snapshot.Org.MaxDevices
	if !devices.OK() {
		d.noteUnread(devices.From, devices.Err, NewDeviceFails)
	}
	if !org.OK() {
		d.noteUnread(org.From, org.Err, NewDeviceFails)
	}
	if !devices.OK() || !org.OK() {
		d.addTrace(StepLimit, OutcomeUnknown, "the phones or the limit could not be read")
		return
	}
	most, from := d.maxDevices()
	all := slices.DeleteFunc(slices.Clone(devices.Value), eas.Device.IsProbe)
	detail := fmt.Sprintf("%d of %d phones", len(all), most)
	if len(all) < most {
		d.addTrace(StepLimit, Pass, detail)
		return
	}
	d.addTrace(StepLimit, Fail, detail)
	slices.SortStableFunc(all, func(a, b eas.Device) int { return lastSignOfLife(a).Compare(lastSignOfLife(b)) })
	f := Finding{
		Code: "too-many-devices", Severity: Blocking, Step: StepLimit,
		Summary:  fmt.Sprintf("%s has %d phones; the limit is %d. Exchange refuses a new one (status 177); those that are there go on working.", d.ownerName(), len(all), most),
		Plain:    fmt.Sprintf("You have %d phones connected, and %d is the most. A new one is refused; the others go on working.", len(all), most),
		Evidence: []Evidence{newEvidence(from, "EasMaxDevices", fmt.Sprint(most))},
		Fix: Fix{
			Who:     WhoExchange,
			Text:    "Remove one phone that is not in use any more. Ask the person first: the directory does not show when a phone synced last.",
			Plain:   "Tell IT which of your phones you no longer use.",
			Affects: "the removed phone only: if it is used again, it comes back as a new one. The personal lists stay as they are",
		},
	}
	if len(all) > 0 {
		f.Fix.Commands = quotedCommand("Remove-MobileDevice -Identity %s", all[0].DN)
		f.Fix.Text += fmt.Sprintf(" The command takes the one without news for the longest time: %s, since %s.", all[0].ShortName(), dateOrUnknown(lastSignOfLife(all[0])))
	}
	for _, old := range all[:min(3, len(all))] {
		f.Evidence = append(f.Evidence, newEvidence(old.DN, "msExchLastUpdateTime", dateOrUnknown(lastSignOfLife(old))))
	}
	d.addFinding(NewDeviceFails, "you have as many phones as are allowed, so a new one is refused", f)
}

// maxDevices is the limit of the mailbox's own throttling policy, else of the default one, and where it comes from.
func (d *diagnosis) maxDevices() (most int, from string) {
	limits, own := d.snapshot.Org.MaxDevices.Value, d.snapshot.Mailbox.ThrottlingDN
	if own != "" {
		for dn, n := range limits {
			if strings.EqualFold(dn, own) {
				return n, dn
			}
		}
	}
	if n, ok := limits[""]; ok {
		return n, "the default throttling policy"
	}
	return exchangesMaxDevices, "Exchange's default"
}
