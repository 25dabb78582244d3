// Package diag answers "why can this phone not sync": pure reasoning over a snapshot of the directory. It reaches no
// server, so every rule is tested without one.
package diag

import (
	"time"

	"easbot/internal/adsec"
	"easbot/internal/eas"
)

// Source is one thing that was to be read: the value, or why it could not be read. A failed source is never taken
// for an empty one.
type Source[T any] struct {
	Value T
	// From names what was read, for the "unread" list: a DN, or "tokenGroups of CN=…".
	From string
	// Err is nil when Value is what the directory holds. It wraps eas.ErrRefused, eas.ErrUnavailable or
	// eas.ErrNotFound.
	Err error
}

// OK reports whether the value was read.
func (s Source[T]) OK() bool { return s.Err == nil }

// Snapshot is all that one diagnosis looks at, read in one go.
type Snapshot struct {
	// Server is the URL of the domain controller that was read.
	Server string
	// Mailbox is always read: without a person there is no snapshot.
	Mailbox eas.Mailbox
	// Devices holds the partnerships without Exchange's probes and conflict copies. With an error it holds those that
	// are shown: there may be more.
	Devices Source[[]eas.Device]
	// DeviceSDs are the descriptors of the devices, by DN; nil or missing where one was not shown.
	DeviceSDs map[string]*adsec.Descriptor
	// UserSD is the user object's nTSecurityDescriptor (owner, group, DACL).
	UserSD Source[*adsec.Descriptor]
	// Container is the msExchActiveSyncDevices object below the user; Value nil when there is none yet.
	Container Source[*Container]
	// Groups holds the SIDs in the user's tokenGroups: nested security groups, primary group included.
	Groups Source[[]adsec.SID]
	// Above holds the objects above the user, the nearest first and the domain last; nil when it was not asked for.
	Above *Source[[]Unit]
	// Paths holds, for a group, the names of the groups from the one that the user is a direct member of to the group
	// itself; nil when it was not asked for. A group that no path was found to is not in the map.
	Paths *Source[map[adsec.SID][]string]
	// Below is the number of mailboxes below an object; nil when it was not asked for.
	Below *Source[Count]
	// Org is what is the same for every mailbox.
	Org Organisation
	// FrontDoor is what a probe of the server saw; nil when none was sent.
	FrontDoor *eas.FrontDoor
}

// Container is the object CN=ExchangeActiveSyncDevices below a user.
type Container struct {
	DN string
	SD *adsec.Descriptor
}

// Organisation is what is read once for all mailboxes and cached.
type Organisation struct {
	// Rules are the device access rules, in the directory's order.
	Rules Source[[]eas.Rule]
	// DefaultLevel is the organisation's default access level (absent in the directory = allow).
	DefaultLevel Source[eas.AccessLevel]
	// Policies are the mobile device mailbox policies.
	Policies Source[[]eas.Policy]
	// MaxDevices maps a throttling policy's DN to its EasMaxDevices, eas.Unlimited where there is no limit; the default
	// policy is under "". Absent where the policy names none.
	MaxDevices Source[map[string]eas.Value[int]]
	// ServerToken holds the SIDs that an Exchange server acts with, Everyone and Authenticated Users included. The
	// first is the server's own: what it creates belongs to it.
	ServerToken Source[[]adsec.SID]
	// Servers are the names of the Exchange servers; empty when none could be found.
	Servers []string
	// Schema holds the GUIDs that permissions are compared with.
	Schema Source[Schema]
	// DomainSID is the user's domain, to recognise protected groups by RID.
	DomainSID adsec.SID
	// DSHeuristics is the forest's dSHeuristics string (character 16 excludes groups from AdminSDHolder).
	DSHeuristics Source[string]
	// AdminSDHolder is its descriptor.
	AdminSDHolder Source[*adsec.Descriptor]
	// Suffixes are the name suffixes that sign-in names may have: the forest's domains and what was added to them.
	Suffixes Source[[]string]
	// AutoBlocks maps what a phone did to how long Exchange refuses it for that.
	AutoBlocks Source[map[eas.Reason]time.Duration]
	// MessageLimits are those of the whole organisation.
	MessageLimits Source[eas.MessageLimits]
	// VirtualDirectories are the ActiveSync virtual directories of all servers.
	VirtualDirectories Source[[]eas.VirtualDirectory]
	// SendQuotas maps a database's DN to its mDBOverQuotaLimit in kilobytes; absent = no limit.
	SendQuotas Source[map[string]eas.Value[int64]]
	// GroupNames maps SIDs to names for evidence; best effort, may be empty.
	GroupNames map[adsec.SID]string
}

// Schema holds what a permission check needs to know of the schema.
type Schema struct {
	User             adsec.GUID // class user
	InetOrgPerson    adsec.GUID
	DevicesContainer adsec.GUID // class msExchActiveSyncDevices
	Device           adsec.GUID // class msExchActiveSyncDevice
	// ContainerDefaultSD is the class's defaultSecurityDescriptor; nil when the schema has none.
	ContainerDefaultSD *adsec.Descriptor
	// FromSchema is false when the well-known values are used because the schema could not be read.
	FromSchema bool
}

// WellKnown are the GUIDs of the classes as every forest with Exchange has them, for a schema that could not be read.
func WellKnown() Schema {
	return Schema{
		User:             adsec.MustGUID("bf967aba-0de6-11d0-a285-00aa003049e2"),
		InetOrgPerson:    adsec.MustGUID("4828cc14-1437-45bc-9b07-ad6f015e5f28"),
		DevicesContainer: adsec.MustGUID("c975c901-6cea-4b6f-8319-d67f45449506"),
		Device:           adsec.MustGUID("e8b2aff2-59a7-4eac-9a70-819adef701dd"),
	}
}

// withWellKnown puts the well-known GUIDs where none was read.
func (s Schema) withWellKnown() Schema {
	w := WellKnown()
	for _, g := range []struct {
		have  *adsec.GUID
		known adsec.GUID
	}{
		{&s.User, w.User}, {&s.InetOrgPerson, w.InetOrgPerson}, {&s.DevicesContainer, w.DevicesContainer},
		{&s.Device, w.Device},
	} {
		if g.have.IsZero() {
			*g.have = g.known
		}
	}
	return s
}

// Age is how old cached parts of a snapshot may be before they are read again.
const Age = 10 * time.Minute
