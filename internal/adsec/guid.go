package adsec

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
)

// GUID is a GUID in the order of the wire (MS-DTYP 2.3.4.2), as objectGUID, schemaIDGUID and ACEs hold it. The zero GUID
// stands for none.
type GUID [16]byte

// GUIDFromBytes reads 16 bytes in wire order.
func GUIDFromBytes(b []byte) (GUID, error) {
	if len(b) != 16 {
		return GUID{}, fmt.Errorf("not a GUID: %d bytes", len(b))
	}
	return GUID(b), nil
}

// ParseGUID reads the text form, with or without braces.
func ParseGUID(s string) (GUID, error) {
	t := s
	if strings.HasPrefix(t, "{") && strings.HasSuffix(t, "}") {
		t = t[1 : len(t)-1]
	}
	if len(t) != 36 || t[8] != '-' || t[13] != '-' || t[18] != '-' || t[23] != '-' {
		return GUID{}, fmt.Errorf("not a GUID: %.80q", s)
	}
	b, err := hex.DecodeString(t[:8] + t[9:13] + t[14:18] + t[19:23] + t[24:])
	if err != nil {
		return GUID{}, fmt.Errorf("not a GUID: %.80q", s)
	}
	return GUID(b).swapFields(), nil
}

// MustGUID is ParseGUID for constants; it panics on a fault.
func MustGUID(s string) GUID {
	g, err := ParseGUID(s)
	if err != nil {
		panic(err)
	}
	return g
}

// swapFields turns the first three fields between little and big endian.
func (g GUID) swapFields() GUID {
	binary.LittleEndian.PutUint32(g[0:], binary.BigEndian.Uint32(g[0:]))
	binary.LittleEndian.PutUint16(g[4:], binary.BigEndian.Uint16(g[4:]))
	binary.LittleEndian.PutUint16(g[6:], binary.BigEndian.Uint16(g[6:]))
	return g
}

// IsZero reports whether there is none.
func (g GUID) IsZero() bool { return g == GUID{} }

// String returns the text form, lower case with dashes.
func (g GUID) String() string {
	b := g.swapFields()
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:16])
}
