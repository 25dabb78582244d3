package adsec

import "fmt"

// Parse reads a self-relative descriptor (MS-DTYP 2.4.6). It keeps entries of unknown types, and fails on bytes that cannot
// be read as a whole. The SIDs of what it returns are parts of b, so the bytes of a string are not copied; those of a slice
// are, once, and the caller may change it afterwards.
func Parse[T string | []byte](b T) (*Descriptor, error) { return parseText(string(b)) }

func parseText(text string) (*Descriptor, error) {
	if len(text) < 20 || text[0] != 1 {
		return nil, fmt.Errorf("%w: %d bytes", ErrDescriptor, len(text))
	}
	// One allocation for all three: a descriptor nearly always has both of the last two, or one.
	all := &struct {
		d          Descriptor
		sacl, dacl ACL
	}{}
	d := &all.d
	d.Control = uint16At(text, 2)
	if d.Control&SelfRelative == 0 {
		return nil, fmt.Errorf("%w: not self-relative", ErrDescriptor)
	}
	var err error
	if d.Owner, err = sidAt(text, uint32At(text, 4)); err != nil {
		return nil, fmt.Errorf("owner: %w", err)
	}
	if d.Group, err = sidAt(text, uint32At(text, 8)); err != nil {
		return nil, fmt.Errorf("group: %w", err)
	}
	if d.Control&SACLPresent != 0 {
		d.SACL = &all.sacl
		if err := d.SACL.parseList(text, uint32At(text, 12)); err != nil {
			return nil, fmt.Errorf("SACL: %w", err)
		}
	}
	if d.Control&DACLPresent != 0 {
		d.DACL = &all.dacl
		if err := d.DACL.parseList(text, uint32At(text, 16)); err != nil {
			return nil, fmt.Errorf("DACL: %w", err)
		}
	}
	return d, nil
}

// uint16At and uint32At read little-endian numbers, as all of a descriptor's are.
func uint16At(s string, at int) uint16 {
	return uint16(s[at]) | uint16(s[at+1])<<8
}

func uint32At(s string, at int) uint32 {
	s = s[at : at+4]
	return uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24
}

func sidAt(text string, offset uint32) (SID, error) {
	if offset == 0 {
		return "", nil
	}
	if offset < 20 || uint64(offset) >= uint64(len(text)) {
		return "", fmt.Errorf("%w: offset %d", ErrDescriptor, offset)
	}
	n, err := sidSize(text[offset:])
	return SID(text[offset:][:n]), err
}

// parseList reads the list at the offset; 0 stands for a NULL one.
func (a *ACL) parseList(text string, offset uint32) error {
	if offset == 0 {
		a.Null = true
		return nil
	}
	if offset < 20 || uint64(offset)+8 > uint64(len(text)) {
		return fmt.Errorf("%w: offset %d", ErrDescriptor, offset)
	}
	text = text[offset:]
	size, count := int(uint16At(text, 2)), int(uint16At(text, 4))
	if size < 8 || size > len(text) || count > (size-8)/4 {
		return fmt.Errorf("%w: list of %d bytes with %d entries", ErrDescriptor, size, count)
	}
	a.Revision = text[0]
	if count > 0 {
		a.Entries = make([]ACE, count)
	}
	rest := text[8:size]
	for i := range a.Entries {
		if len(rest) < 4 {
			return fmt.Errorf("%w: entry %d is missing", ErrDescriptor, i)
		}
		n := int(uint16At(rest, 2))
		if n < 4 || n > len(rest) {
			return fmt.Errorf("%w: entry %d of %d bytes", ErrDescriptor, i, n)
		}
		if err := a.Entries[i].parseEntry(rest[:n]); err != nil {
			return fmt.Errorf("entry %d: %w", i, err)
		}
		rest = rest[n:]
	}
	return nil
}

// parseEntry reads one entry, which is the whole of text.
func (a *ACE) parseEntry(text string) error {
	a.Type, a.Flags = text[0], text[1]
	text = text[4:]
	if !hasTrustee(a.Type) {
		a.Extra = padToFour(text)
		return nil
	}
	if len(text) < 4 {
		return fmt.Errorf("%w: no access mask", ErrDescriptor)
	}
	a.Mask = Mask(uint32At(text, 0))
	text = text[4:]
	if hasObject(a.Type) {
		if len(text) < 4 {
			return fmt.Errorf("%w: no object flags", ErrDescriptor)
		}
		flags := uint32At(text, 0)
		text = text[4:]
		ok := true
		if flags&1 != 0 {
			text, ok = a.Object.takeFrom(text)
		}
		if flags&2 != 0 && ok {
			text, ok = a.Inherited.takeFrom(text)
		}
		if !ok {
			return fmt.Errorf("%w: no object GUID", ErrDescriptor)
		}
	}
	n, err := sidSize(text)
	if err != nil {
		return err
	}
	a.Trustee = SID(text[:n])
	if len(text) > n { // seldom
		a.Extra = padToFour(text[n:])
	}
	return nil
}

// takeFrom reads the GUID at the front of text and returns what follows it.
func (g *GUID) takeFrom(text string) (rest string, ok bool) {
	if len(text) < len(g) {
		return text, false
	}
	copy(g[:], text)
	return text[len(g):], true
}

// padToFour fills up what follows the known part of an entry to the multiple of four that an entry's size must be
// (MS-DTYP 2.4.4.1), so that what is read is also what is written.
func padToFour(s string) string {
	if len(s)%4 == 0 {
		return s
	}
	return s + "\x00\x00\x00"[:4-len(s)%4]
}
