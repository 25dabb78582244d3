package adsec

import (
	"encoding/binary"
	"errors"
	"fmt"
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
	// Extra is what follows the SID (a condition, a resource attribute); for an unknown type, everything after the header.
	Extra []byte
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

// Protected reports whether the DACL takes no entries from its parent (SE_DACL_PROTECTED): "inheritance is off".
func (d *Descriptor) Protected() bool { return d.Control&DACLProtected != 0 }

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

// Parse reads a self-relative descriptor (MS-DTYP 2.4.6). It keeps entries of unknown types, and fails on bytes that cannot
// be read as a whole.
func Parse(b []byte) (*Descriptor, error) {
	if len(b) < 20 || b[0] != 1 {
		return nil, fmt.Errorf("%w: %d bytes", ErrDescriptor, len(b))
	}
	d := &Descriptor{Control: binary.LittleEndian.Uint16(b[2:])}
	if d.Control&SelfRelative == 0 {
		return nil, fmt.Errorf("%w: not self-relative", ErrDescriptor)
	}
	text := string(b) // one copy that every SID is a part of
	offset := func(at int) int { return int(binary.LittleEndian.Uint32(b[at:])) }
	var err error
	if d.Owner, err = sidAt(b, text, offset(4)); err != nil {
		return nil, fmt.Errorf("owner: %w", err)
	}
	if d.Group, err = sidAt(b, text, offset(8)); err != nil {
		return nil, fmt.Errorf("group: %w", err)
	}
	if d.SACL, err = aclAt(b, text, offset(12), d.Control&SACLPresent != 0); err != nil {
		return nil, fmt.Errorf("SACL: %w", err)
	}
	if d.DACL, err = aclAt(b, text, offset(16), d.Control&DACLPresent != 0); err != nil {
		return nil, fmt.Errorf("DACL: %w", err)
	}
	return d, nil
}

func sidAt(b []byte, text string, at int) (SID, error) {
	if at == 0 {
		return "", nil
	}
	if at < 20 || at >= len(b) {
		return "", fmt.Errorf("%w: offset %d", ErrDescriptor, at)
	}
	n, err := sidSize(b[at:])
	return SID(text[at : at+n]), err
}

func aclAt(b []byte, text string, at int, present bool) (*ACL, error) {
	if !present {
		return nil, nil
	}
	if at == 0 {
		return &ACL{Null: true}, nil
	}
	if at < 20 || at > len(b)-8 {
		return nil, fmt.Errorf("%w: offset %d", ErrDescriptor, at)
	}
	size, count := int(binary.LittleEndian.Uint16(b[at+2:])), int(binary.LittleEndian.Uint16(b[at+4:]))
	if size < 8 || size > len(b)-at || count > (size-8)/4 {
		return nil, fmt.Errorf("%w: list of %d bytes with %d entries", ErrDescriptor, size, count)
	}
	a := &ACL{Revision: b[at]}
	if count > 0 {
		a.Entries = make([]ACE, count)
	}
	rest, tail := b[at+8:at+size], text[at+8:at+size]
	for i := range a.Entries {
		if len(rest) < 4 {
			return nil, fmt.Errorf("%w: entry %d is missing", ErrDescriptor, i)
		}
		n := int(binary.LittleEndian.Uint16(rest[2:]))
		if n < 4 || n > len(rest) {
			return nil, fmt.Errorf("%w: entry %d of %d bytes", ErrDescriptor, i, n)
		}
		if err := a.Entries[i].parse(rest[:n], tail[:n]); err != nil {
			return nil, fmt.Errorf("entry %d: %w", i, err)
		}
		rest, tail = rest[n:], tail[n:]
	}
	return a, nil
}

// parse reads one entry; text is the same bytes, for the SID to be a part of.
func (a *ACE) parse(b []byte, text string) error {
	a.Type, a.Flags = b[0], b[1]
	b = b[4:]
	if !hasTrustee(a.Type) {
		a.Extra = keep(b)
		return nil
	}
	if len(b) < 4 {
		return fmt.Errorf("%w: no access mask", ErrDescriptor)
	}
	a.Mask = Mask(binary.LittleEndian.Uint32(b))
	b = b[4:]
	if hasObject(a.Type) {
		if len(b) < 4 {
			return fmt.Errorf("%w: no object flags", ErrDescriptor)
		}
		flags := binary.LittleEndian.Uint32(b)
		b = b[4:]
		for bit, g := range []*GUID{&a.Object, &a.Inherited} {
			if flags&(1<<bit) == 0 {
				continue
			}
			if len(b) < 16 {
				return fmt.Errorf("%w: no object GUID", ErrDescriptor)
			}
			copy(g[:], b)
			b = b[16:]
		}
	}
	n, err := sidSize(b)
	if err != nil {
		return err
	}
	at := len(text) - len(b)
	a.Trustee = SID(text[at : at+n])
	a.Extra = keep(b[n:])
	return nil
}

// keep copies what follows the known part of an entry, padded to the multiple of four that an entry's size must be
// (MS-DTYP 2.4.4.1), so that what is read is also what is written.
func keep(b []byte) []byte {
	if len(b) == 0 {
		return nil
	}
	out := make([]byte, (len(b)+3)&^3)
	copy(out, b)
	return out
}

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
			list := a.bytes()
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

func (a *ACL) bytes() []byte {
	b := make([]byte, 8)
	b[0] = a.Revision
	if b[0] == 0 {
		b[0] = 4 // with object entries (MS-DTYP 2.4.5); also right without
	}
	for _, e := range a.Entries {
		b = e.append(b)
	}
	binary.LittleEndian.PutUint16(b[2:], uint16(len(b)))
	binary.LittleEndian.PutUint16(b[4:], uint16(len(a.Entries)))
	return b
}

func (a *ACE) append(b []byte) []byte {
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
