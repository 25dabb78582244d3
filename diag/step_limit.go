package diag

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"easbot/internal/eas"
	"easbot/internal/exchange"
	"easbot/internal/messages"
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
	limit, from := d.maxDevices()
	most, ok := readOr(d, limit, exchangesMaxDevices, NewDeviceFails)
	if !ok {
		d.addTrace(StepLimit, OutcomeUnknown, "the limit could not be read")
		return
	}
	all := slices.DeleteFunc(slices.Clone(devices.Value), eas.Device.IsProbe)
	detail := fmt.Sprintf("%d of %d phones", len(all), most)
	if most == eas.Unlimited {
		d.addTrace(StepLimit, Pass, countedNoun(len(all), "phone", "phones")+", no limit")
		return
	}
	if len(all) < most {
		d.addTrace(StepLimit, Pass, detail)
		return
	}
	d.addTrace(StepLimit, Fail, detail)
	slices.SortStableFunc(all, func(a, b eas.Device) int { return lastSignOfLife(a).Compare(lastSignOfLife(b)) })
	h := hit{
		Code: CauseTooManyDevices, Values: messages.Values{"count": len(all), "most": most},
		Evidence: []Evidence{newEvidence(from, "EasMaxDevices", fmt.Sprint(most))},
	}
	if len(all) == 0 {
		h.Variants = []string{"no-phone"}
	} else {
		oldest := all[0]
		h.Values["oldest"], h.Values["since"] = oldest.ShortName(), dateOrUnknown(lastSignOfLife(oldest))
		h.Commands = d.mailboxScript(needsView, exchange.ListPhones(identityOf(d.snapshot.Mailbox), d.version())...)
	}
	for _, old := range all[:min(3, len(all))] {
		h.Evidence = append(h.Evidence, newEvidence(old.DN, "msExchLastUpdateTime", dateOrUnknown(lastSignOfLife(old))))
	}
	d.addFinding(h)
}

// maxDevices is the limit of the mailbox's own throttling policy, else of the default one, and where it comes from.
// What a policy does not name it takes from the default one (Set-ThrottlingPolicy).
func (d *diagnosis) maxDevices() (most eas.Value[int], from string) {
	limits := d.snapshot.Org.MaxDevices.Value
	own, hidden := d.snapshot.Mailbox.ThrottlingDN.Or("")
	if hidden != nil {
		return eas.NotReadable[int](*hidden), ""
	}
	if own != "" {
		for dn, limit := range limits {
			if strings.EqualFold(dn, own) && !limit.IsAbsent() {
				return limit, dn
			}
		}
		if !slices.ContainsFunc(
			slices.Collect(maps.Keys(limits)),
			func(dn string) bool { return strings.EqualFold(dn, own) },
		) {
			return eas.NotReadable[int](
				eas.Hidden{Object: own, Because: "the mailbox's throttling policy is not shown"},
			), ""
		}
	}
	if limit, ok := limits[""]; ok && !limit.IsAbsent() {
		return limit, "the default throttling policy"
	}
	return eas.Absent[int](), "Exchange's default"
}
