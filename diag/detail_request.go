package diag

import (
	"slices"
	"strings"

	"easbot/internal/adsec"
	"easbot/internal/eas"
	"easbot/internal/messages"
)

// Detail names what only few answers need, so that it is read only then.
type Detail struct {
	// Above: the objects above the user and their permissions.
	Above bool
	// Groups: through which groups the user is in each of these.
	Groups []adsec.SID
	// Below: how many mailboxes are below the object with this DN.
	Below string
}

// None reports whether nothing is wanted.
func (w Detail) None() bool { return !w.Above && len(w.Groups) == 0 && w.Below == "" }

// Unit is an object above the user.
type Unit struct {
	DN string
	// SD is nil when it could not be read; Err says why.
	SD  *adsec.Descriptor
	Err error
}

// Count is how many mailboxes are below an object.
type Count struct {
	DN        string
	Mailboxes int
	// More is set when counting stopped: there are more than Mailboxes.
	More bool
}

// String reads "312 mailboxes".
func (c Count) String() string {
	key := "part.mailboxes"
	if c.More {
		key = "part.mailboxes-more"
	}
	return messages.English.Text(key, messages.Values{"count": c.Mailboxes})
}

// objectsAbove returns the objects above the user, and asks for them when they were not read yet.
func (d *diagnosis) objectsAbove() ([]Unit, bool) {
	above := d.snapshot.Above
	if above == nil {
		d.wantedDetail.Above = true
		return nil, false
	}
	if !above.OK() {
		d.noteUnread(above.From, above.Err, OK)
		return nil, false
	}
	return above.Value, true
}

// mailboxesBelow says how many mailboxes a change on the object would touch; empty when that is not known (yet).
func (d *diagnosis) mailboxesBelow(dn string) string {
	count := d.snapshot.Below
	switch {
	case count == nil || !strings.EqualFold(count.Value.DN, dn):
		d.wantedDetail.Below = dn
		return ""
	case !count.OK():
		d.noteUnread(count.From, count.Err, OK)
		return ""
	default:
		return count.Value.String()
	}
}

// entryOrigin finds the object above the user on which an inherited entry is set: the nearest one that has it as its
// own.
func entryOrigin(units []Unit, entry adsec.ACE) (Unit, bool) {
	for _, u := range units {
		if u.SD == nil || u.SD.DACL == nil {
			continue
		}
		if slices.ContainsFunc(u.SD.DACL.Entries, func(a adsec.ACE) bool { return isInheritedFrom(a, entry) }) {
			return u, true
		}
	}
	return Unit{}, false
}

// isInheritedFrom reports whether an object's own entry is the one that a child inherited (MS-DTYP 2.5.3.4.1: type,
// trustee and object stay, generic rights are mapped, flags change).
func isInheritedFrom(own, inherited adsec.ACE) bool {
	mask := own.Mask
	if mask&adsec.GenericAll != 0 {
		mask = mask&^adsec.GenericAll | adsec.FullControl
	}
	return own.Flags&adsec.InheritedACE == 0 && own.Flags&adsec.ContainerInherit != 0 && own.Type == inherited.Type &&
		own.Trustee == inherited.Trustee && own.Object == inherited.Object && mask&inherited.Mask == inherited.Mask
}

// inheritanceBreak finds the nearest object above the user that does not inherit itself: what is set further up does
// not arrive.
func inheritanceBreak(units []Unit) (Unit, bool) {
	for i, u := range units {
		if i == len(units)-1 {
			break // the domain has nothing above it
		}
		if u.SD != nil && u.SD.IsProtected() {
			return u, true
		}
	}
	return Unit{}, false
}

// groupPath names the groups from the user to a protected one, or is empty when the user is a direct member or it is
// not known.
func (d *diagnosis) groupPath(group adsec.SID) string {
	paths := d.snapshot.Paths
	if paths == nil {
		if !slices.Contains(d.wantedDetail.Groups, group) {
			d.wantedDetail.Groups = append(d.wantedDetail.Groups, group)
		}
		return ""
	}
	if !paths.OK() {
		d.noteUnread(paths.From, paths.Err, OK)
		return ""
	}
	steps := paths.Value[group]
	if len(steps) < 2 {
		return ""
	}
	names := make([]string, len(steps))
	for i, s := range steps {
		names[i] = eas.Clean(s, 100)
	}
	return strings.Join(names, " > ")
}
