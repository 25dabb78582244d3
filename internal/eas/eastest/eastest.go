// Package eastest helps tests to write mailboxes, devices and policies by hand.
package eastest

import "reflect"

// ReadInFull makes every value that says nothing absent, as if all of the object had been read: what a literal does not
// name is not there. The argument is a pointer to a struct of package eas.
func ReadInFull[T any](object *T) *T {
	v := reflect.ValueOf(object).Elem()
	for i := range v.NumField() {
		field := v.Field(i)
		// Only a Value reads "null" as a text of its own: as absent.
		value, ok := field.Addr().Interface().(interface {
			IsReadable() bool
			UnmarshalJSON(text []byte) error
		})
		if !ok || value.IsReadable() {
			continue
		}
		if err := value.UnmarshalJSON([]byte("null")); err != nil {
			panic(err)
		}
	}
	return object
}

// Full is ReadInFull for a literal.
func Full[T any](object T) T { return *ReadInFull(&object) }
