package adsec

import (
	"encoding/binary"
	"errors"
)

// Control bits of a descriptor (MS-DTYP 2.4.6).
const (
	DACLPresent        uint16 = 0x0004
	SACLPresent        uint16 = 0x0010
	DACLAutoInheritReq uint16 = 0x0100
	SACLAutoInheritReq uint16 = 0x0200
	DACLAutoInherited  uint16 = 0x0400
	SACLAutoInherited  uint16 = 0x0800
	DACLProtected      uint16 = 0x1000
	SACLProtected      uint16 = 0x2000
	SelfRelative       uint16 = 0x8000
)

// Descriptor is a security descriptor (MS-DTYP 2.4.6). DACL is nil when there is none; that, a NULL one and an empty one are
// three things: the first two let everybody in, the last nobody.
type Descriptor struct {
	Control      uint16
	Owner, Group SID
	DACL, SACL   *ACL
}

// ACL is an access control list (MS-DTYP 2.4.5).
type ACL struct {
	Null     bool // present, but NULL
	Revision byte
	Entries  []ACE
}

// ACE is one access control entry (MS-DTYP 2.4.4).
type ACE struct {
	Type, Flags byte
	Mask        Mask
	Object      GUID // zero = none: the entry is about everything
	Inherited   GUID // zero = none: every class of child inherits it
	Trustee     SID
	// Extra holds the bytes that follow the SID (a condition, a resource attribute); for an unknown type, everything after
	// the header. It is a string, as SIDs are, so that entries can be compared.
	Extra string
}

// Types of entries (MS-DTYP 2.4.4.1).
const (
	AccessAllowed               byte = 0x00
	AccessDenied                byte = 0x01
	SystemAudit                 byte = 0x02
	SystemAlarm                 byte = 0x03
	AccessAllowedCompound       byte = 0x04
	AccessAllowedObject         byte = 0x05
	AccessDeniedObject          byte = 0x06
	SystemAuditObject           byte = 0x07
	SystemAlarmObject           byte = 0x08
	AccessAllowedCallback       byte = 0x09
	AccessDeniedCallback        byte = 0x0A
	AccessAllowedCallbackObject byte = 0x0B
	AccessDeniedCallbackObject  byte = 0x0C
	SystemAuditCallback         byte = 0x0D
	SystemAlarmCallback         byte = 0x0E
	SystemAuditCallbackObject   byte = 0x0F
	SystemAlarmCallbackObject   byte = 0x10
	SystemMandatoryLabel        byte = 0x11
	SystemResourceAttribute     byte = 0x12
	SystemScopedPolicyID        byte = 0x13
)

// Flags of entries (MS-DTYP 2.4.4.1).
const (
	ObjectInherit    byte = 0x01
	ContainerInherit byte = 0x02
	NoPropagate      byte = 0x04
	InheritOnly      byte = 0x08
	InheritedACE     byte = 0x10
	SuccessfulAccess byte = 0x40
	FailedAccess     byte = 0x80
)

// ErrDescriptor is wrapped by every error of Parse.
var ErrDescriptor = errors.New("not a security descriptor")

// IsProtected reports whether the DACL takes no entries from its parent (SE_DACL_PROTECTED): "inheritance is off".
func (d *Descriptor) IsProtected() bool { return d.Control&DACLProtected != 0 }

// hasObject reports whether entries of the type hold object GUIDs (MS-DTYP 2.4.4.3).
func hasObject(t byte) bool {
	switch t {
	case AccessAllowedObject, AccessDeniedObject, SystemAuditObject, SystemAlarmObject,
		AccessAllowedCallbackObject, AccessDeniedCallbackObject, SystemAuditCallbackObject, SystemAlarmCallbackObject:
		return true
	default:
		return false
	}
}

// hasTrustee reports whether the type's layout is known: a mask, perhaps object GUIDs, a SID.
func hasTrustee(t byte) bool { return t <= SystemScopedPolicyID && t != AccessAllowedCompound }

// Bytes returns the self-relative form. Parse of it gives an equal descriptor. It returns nil when a list does not fit into
// the 65,535 bytes that the format allows.
func (d *Descriptor) Bytes() []byte {
	control := d.Control&^(DACLPresent|SACLPresent) | SelfRelative
	b := make([]byte, 20, 512)
	b[0] = 1
	fits := true
	put := func(at int, part []byte) {
		if part != nil {
			binary.LittleEndian.PutUint32(b[at:], uint32(len(b)))
			b = append(b, part...)
		}
	}
	list := func(at int, a *ACL, bit uint16) {
		if a == nil {
			return
		}
		control |= bit
		if !a.Null {
			list := a.encodeList()
			fits = fits && len(list) <= 0xFFFF
			put(at, list)
		}
	}
	list(12, d.SACL, SACLPresent)
	list(16, d.DACL, DACLPresent)
	if !fits {
		return nil
	}
	if d.Owner != "" {
		put(4, d.Owner.Bytes())
	}
	if d.Group != "" {
		put(8, d.Group.Bytes())
	}
	binary.LittleEndian.PutUint16(b[2:], control)
	return b
}

func (a *ACL) encodeList() []byte {
	b := make([]byte, 8)
	b[0] = a.Revision
	if b[0] == 0 {
		b[0] = 4 // with object entries (MS-DTYP 2.4.5); also right without
	}
	for _, e := range a.Entries {
		b = e.appendEntry(b)
	}
	binary.LittleEndian.PutUint16(b[2:], uint16(len(b)))
	binary.LittleEndian.PutUint16(b[4:], uint16(len(a.Entries)))
	return b
}

func (a *ACE) appendEntry(b []byte) []byte {
	start := len(b)
	b = append(b, a.Type, a.Flags, 0, 0)
	if hasTrustee(a.Type) {
		b = binary.LittleEndian.AppendUint32(b, uint32(a.Mask))
		if hasObject(a.Type) {
			flags := uint32(0)
			if !a.Object.IsZero() {
				flags |= 1
			}
			if !a.Inherited.IsZero() {
				flags |= 2
			}
			b = binary.LittleEndian.AppendUint32(b, flags)
			if flags&1 != 0 {
				b = append(b, a.Object[:]...)
			}
			if flags&2 != 0 {
				b = append(b, a.Inherited[:]...)
			}
		}
		b = append(b, a.Trustee...)
	}
	b = append(b, a.Extra...)
	for (len(b)-start)%4 != 0 {
		b = append(b, 0)
	}
	binary.LittleEndian.PutUint16(b[start+2:], uint16(len(b)-start))
	return b
}
