package adsec

// Mask is an access mask (MS-DTYP 2.4.3) with the meanings that directory objects give it (MS-ADTS 5.1.3.2).
type Mask uint32

// The rights.
const (
	CreateChild   Mask = 0x1
	DeleteChild   Mask = 0x2
	ListChildren  Mask = 0x4
	SelfWrite     Mask = 0x8
	ReadProperty  Mask = 0x10
	WriteProperty Mask = 0x20
	DeleteTree    Mask = 0x40
	ListObject    Mask = 0x80
	ControlAccess Mask = 0x100

	Delete       Mask = 0x10000
	ReadControl  Mask = 0x20000
	WriteDACL    Mask = 0x40000
	WriteOwner   Mask = 0x80000
	Synchronize  Mask = 0x100000
	SystemAccess Mask = 0x1000000
	MaximumAllow Mask = 0x2000000

	GenericAll     Mask = 0x10000000
	GenericExecute Mask = 0x20000000
	GenericWrite   Mask = 0x40000000
	GenericRead    Mask = 0x80000000

	// FullControl is what GenericAll means on a directory object.
	FullControl Mask = 0xF01FF
)

// mapGeneric replaces the generic rights by what they mean on a directory object (MS-ADTS 5.1.3.2).
func (m Mask) mapGeneric() Mask {
	const generic = GenericAll | GenericExecute | GenericWrite | GenericRead
	if m&generic == 0 {
		return m
	}
	out := m &^ generic
	if m&GenericAll != 0 {
		out |= FullControl
	}
	if m&GenericRead != 0 {
		out |= ReadControl | ListChildren | ReadProperty | ListObject
	}
	if m&GenericWrite != 0 {
		out |= ReadControl | SelfWrite | WriteProperty
	}
	if m&GenericExecute != 0 {
		out |= ReadControl | ListChildren
	}
	return out
}
