package eas

import (
	"encoding/json"
	"fmt"
	"reflect"
)

// Value is one thing that was to be read from the directory. It is present, absent, or not readable: a server leaves
// out what the account may not read, and that looks like an attribute without a value (MS-ADTS 3.1.1.4.4). Only the
// first two decide anything, so a Value is used through the methods that say what happens when it is not there.
//
// The zero Value is not readable: what nobody looked at decides nothing.
//
// In JSON a present value is itself, an absent one is null, and one that is not readable is left out (omitzero).
type Value[T any] struct {
	value  T
	state  presence
	hidden *Hidden
}

type presence uint8

const (
	notReadable presence = iota
	absent
	present
)

// Present is a value that was read.
func Present[T any](v T) Value[T] { return Value[T]{value: v, state: present} }

// Absent is a value that the directory does not hold; the account could have read it.
func Absent[T any]() Value[T] { return Value[T]{state: absent} }

// NotReadable is a value that the account may not see; h says what is missing.
func NotReadable[T any](h Hidden) Value[T] { return Value[T]{hidden: &h} }

// Or returns the value, or ifAbsent when the directory holds none. hidden is nil in both cases; otherwise it says what
// could not be read, and the returned value is the zero one and means nothing.
func (v Value[T]) Or(ifAbsent T) (value T, hidden *Hidden) {
	switch v.state {
	case present:
		return v.value, nil
	case absent:
		return ifAbsent, nil
	default:
		return value, v.Hidden()
	}
}

// IfPresent returns the value when there is one that was read. Without one nothing is said about why.
func (v Value[T]) IfPresent() (value T, ok bool) { return v.value, v.state == present }

// Shown is the value for showing it to people: the zero value stands for both "there is none" and "not readable".
// It must not decide anything.
func (v Value[T]) Shown() T { return v.value }

// IsAbsent reports whether the directory certainly holds no value.
func (v Value[T]) IsAbsent() bool { return v.state == absent }

// IsReadable reports whether the value is present or absent.
func (v Value[T]) IsReadable() bool { return v.state != notReadable }

// Hidden says what could not be read; nil when the value is readable.
func (v Value[T]) Hidden() *Hidden {
	switch {
	case v.state != notReadable:
		return nil
	case v.hidden != nil:
		return v.hidden
	default:
		return &Hidden{}
	}
}

// IsZero reports whether the value is not readable, so that JSON leaves it out (omitzero).
func (v Value[T]) IsZero() bool { return v.state == notReadable }

// MarshalJSON writes the value, or null when there is none.
func (v Value[T]) MarshalJSON() ([]byte, error) {
	if v.state != present {
		return []byte("null"), nil
	}
	return json.Marshal(v.value)
}

// UnmarshalJSON reads what MarshalJSON writes: null is absent.
func (v *Value[T]) UnmarshalJSON(text []byte) error {
	if string(text) == "null" {
		*v = Absent[T]()
		return nil
	}
	var value T
	if err := json.Unmarshal(text, &value); err != nil {
		return fmt.Errorf("value: %w", err)
	}
	*v = Present(value)
	return nil
}

// Equal reports whether both are present with the same value, both absent, or both not readable for whatever reason.
func (v Value[T]) Equal(other Value[T]) bool {
	return v.state == other.state && reflect.DeepEqual(v.value, other.value)
}

// Then is a value made of another one; what is absent or not readable stays so.
func Then[T, U any](v Value[T], f func(T) U) Value[U] {
	if v.state == present {
		return Present(f(v.value))
	}
	return Value[U]{state: v.state, hidden: v.hidden}
}
