package diag

import (
	"fmt"
	"strings"

	"easbot/internal/adsec"
	"easbot/internal/eas"
	"easbot/internal/messages"
)

// checkPermissions is the seventh step: may an Exchange server register a new phone for this account? It needs to
// create the container below the user, to change the container's permissions, and to create the device in it.
func (d *diagnosis) checkPermissions() {
	d.findProtection()
	c, ok := d.evaluatePermissions()
	if !ok {
		d.addTrace(StepPermissions, OutcomeUnknown, "the permissions could not be checked")
		return
	}
	if d.rights = c.rights(); c.unseen {
		d.judgeWithoutContainer(c)
		return
	}
	switch {
	case c.allGranted() && (c.create.Granted || !c.exists):
		d.warnOfSDProp(c)
		d.addTrace(StepPermissions, Pass, "an Exchange server may register a new phone"+d.protection.traceRemark())
		return
	case c.allGranted():
		d.addTrace(StepPermissions, Pass, "the container is there and works; it could not be created again"+
			d.protection.traceRemark())
	default:
		d.addTrace(StepPermissions, Fail, "an Exchange server may not "+c.firstMissingRight()+
			d.protection.traceRemark())
	}
	if c.exists && !c.device.Granted {
		d.explainNoDevice(c)
	}
	if !c.create.Granted {
		d.explainNoCreate(c)
	}
	if !c.exists && !c.change.Granted && (c.create.Granted || !d.protection.off) {
		d.explainNoChange(c)
	}
	if !c.exists && c.create.Granted && c.change.Granted && !c.device.Granted {
		d.addDenyingEntries(c, denyingEntries(c.device), d.snapshot.Mailbox.DN)
	}
}

// rights are the three rights, as far as they are known.
func (c permissionChecks) rights() Rights {
	r := Rights{CreateContainer: &c.create.Granted, Because: c.decidingEntries()}
	if !c.unseen {
		r.ChangePermissions, r.CreateDevice = &c.change.Granted, &c.device.Granted
	}
	return r
}

// judgeWithoutContainer says what the person's own permissions say where nobody may see whether the container is there:
// the usual case of a mailbox whose inheritance is off. A missing right to create it is certain, and matters only
// without one.
func (d *diagnosis) judgeWithoutContainer(c permissionChecks) {
	detail := "an Exchange server may create the container for phones"
	if !c.create.Granted {
		d.explainNoCreate(c)
		detail = "an Exchange server may not create the container for phones"
	}
	d.addTrace(StepPermissions, OutcomeUnknown, detail+"; whether it is there already could not be read"+
		d.protection.traceRemark())
}

// traceRemark is what the trace says about AdminSDHolder.
func (p sdHolderProtection) traceRemark() string {
	switch {
	case p.isProtected():
		return "; AdminSDHolder protects the account: " + strings.Join(cleanedNames(p.groups), ", ")
	case p.isOrphaned():
		return "; adminCount is left over from an earlier protection"
	case p.off:
		return "; inheritance is off"
	default:
		return ""
	}
}

func cleanedNames(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = eas.Clean(n, 100)
	}
	return out
}

// firstMissingRight names the first thing that fails, in Exchange's order.
func (c permissionChecks) firstMissingRight() string {
	switch {
	case !c.exists && !c.create.Granted:
		return "create the container for phones"
	case !c.exists && !c.change.Granted:
		return "change the permissions of the container that it creates"
	default:
		return "create a phone in the container"
	}
}

// warnOfSDProp warns of a protection that has not reached the account yet: the next run of SDProp takes the right away.
func (d *diagnosis) warnOfSDProp(c permissionChecks) {
	holder := d.snapshot.Org.AdminSDHolder
	if !d.protection.isProtected() || c.exists {
		return
	}
	if !holder.OK() || holder.Value == nil {
		err := holder.Err
		if err == nil {
			err = errNoDescriptor
		}
		d.noteUnread(holder.From, err, NewDeviceFails)
		return
	}
	next := holder.Value.Check(c.token, adsec.Request{Mask: adsec.CreateChild, Object: c.schema.DevicesContainer})
	if next.Granted {
		return
	}
	d.addProtected("soon")
}

// effectOfMissingRight is how much a missing right on the user object matters: nothing today when the container is
// there.
func (c permissionChecks) effectOfMissingRight() (variant string, effect message) {
	switch {
	case c.exists:
		return withContainer.Name, message{key: "part.effect-none-yet"}
	case c.unseen:
		return containerUnread.Name, message{key: "part.effect-unless-container"}
	}
	return "", message{key: "part.effect-new-phone-1053"}
}

// explainNoCreate explains why the container cannot be created.
func (d *diagnosis) explainNoCreate(c permissionChecks) {
	variant, _ := c.effectOfMissingRight()
	if d.protection.isProtected() {
		d.addProtected(variant, d.userEntriesEvidence(c)...)
		return
	}
	if deny := denyingEntries(c.create); len(deny) > 0 {
		d.addDenyingEntries(c, deny, d.snapshot.Mailbox.DN)
		request := adsec.Request{Mask: adsec.CreateChild, Object: c.schema.DevicesContainer}
		if withoutDenies(c.user).Check(c.token, request).Granted {
			return
		}
	}
	d.addMissingEntries(c)
}

// userEntriesEvidence is the evidence from the user's DACL: that inheritance is off, and the trap of entries that are
// there but only for objects below.
func (d *diagnosis) userEntriesEvidence(c permissionChecks) []Evidence {
	dn := d.snapshot.Mailbox.DN
	var all []Evidence
	if d.protection.off {
		all = append(all, newEvidence(dn, "nTSecurityDescriptor", "inheritance is off (SE_DACL_PROTECTED)"))
	}
	if d.protection.marked {
		all = append(all, newEvidence(dn, "adminCount", fmt.Sprint(d.snapshot.Mailbox.AdminCount.Shown())))
	}
	if c.user.DACL == nil {
		return all
	}
	for _, a := range c.user.DACL.Entries {
		if a.Flags&adsec.InheritOnly != 0 && !isDenying(a) && a.Object == c.schema.DevicesContainer &&
			a.Mask&adsec.CreateChild != 0 && c.token.HasSID(a.Trustee) {
			all = append(all, newEvidence(dn, "nTSecurityDescriptor",
				a.String()+" is inherit-only: it does not count on the account itself"))
		}
	}
	return all
}

// explainNoChange explains why the new container's permissions cannot be changed although it can be created.
func (d *diagnosis) explainNoChange(c permissionChecks) {
	if deny := denyingEntries(c.change); len(deny) > 0 && deny[0].Trustee != adsec.OwnerRights {
		d.addDenyingEntries(c, deny, d.snapshot.Mailbox.DN)
		return
	}
	dn := d.snapshot.Mailbox.DN
	h := hit{Code: CauseOwnerRights}
	h.Commands, h.Undo = d.grantPermission(dn, mayWriteContainer)
	if a, ok := ownerRightsEntry(c.container); ok {
		h.Evidence = []Evidence{newEvidence(dn, "nTSecurityDescriptor", a.String())}
	}
	d.addFinding(h)
}

// explainNoDevice explains why a device cannot be created in a container that exists.
func (d *diagnosis) explainNoDevice(c permissionChecks) {
	dn := d.snapshot.Container.Value.DN
	if deny := denyingEntries(c.device); len(deny) > 0 {
		d.addDenyingEntries(c, deny, dn)
		return
	}
	missing := "no entry lets Exchange servers create msExchActiveSyncDevice"
	h := hit{Code: CauseContainerWrong, Evidence: []Evidence{newEvidence(dn, "nTSecurityDescriptor", missing)},
		Values: messages.Values{"partnerships": len(d.snapshot.Devices.Value)}}
	h.Commands, h.Undo = d.grantPermission(dn, mayCreateDevice)
	d.addFinding(h)
}
