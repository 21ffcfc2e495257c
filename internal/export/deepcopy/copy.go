// Package deepcopy stands in for the module of this name, which excelize copies
// its own structs with. That looks methods up by names that are known only while
// the program runs; a program in which anything does so keeps every method of
// every type in it, used or not: a tenth of ours.
package deepcopy

import (
	"fmt"
	"reflect"
)

// Option is part of the module's signature; excelize passes none.
type Option func()

// Copy sets what dst points to to a copy of src, or of what src points to. As
// with the module, fields that are not exported stay as they were.
func Copy(dst, src any, _ ...Option) error {
	to, from := reflect.ValueOf(dst), reflect.Indirect(reflect.ValueOf(src))
	if to.Kind() != reflect.Pointer || to.IsNil() || !from.IsValid() || to.Type().Elem() != from.Type() {
		return fmt.Errorf("deepcopy: %T is no copy of %T", dst, src)
	}
	set(to.Elem(), from)
	return nil
}

func set(to, from reflect.Value) {
	switch from.Kind() {
	case reflect.Pointer:
		if !from.IsNil() {
			to.Set(reflect.New(from.Type().Elem()))
			set(to.Elem(), from.Elem())
			return
		}
	case reflect.Interface:
		if !from.IsNil() {
			held := reflect.New(from.Elem().Type()).Elem()
			set(held, from.Elem())
			to.Set(held)
			return
		}
	case reflect.Slice:
		if !from.IsNil() {
			to.Set(reflect.MakeSlice(from.Type(), from.Len(), from.Len()))
			for i := range from.Len() {
				set(to.Index(i), from.Index(i))
			}
			return
		}
	case reflect.Array:
		for i := range from.Len() {
			set(to.Index(i), from.Index(i))
		}
		return
	case reflect.Map:
		if !from.IsNil() {
			to.Set(reflect.MakeMapWithSize(from.Type(), from.Len()))
			for _, key := range from.MapKeys() {
				value := reflect.New(from.Type().Elem()).Elem()
				set(value, from.MapIndex(key))
				to.SetMapIndex(key, value)
			}
			return
		}
	case reflect.Struct:
		for i := range from.NumField() {
			if to.Field(i).CanSet() {
				set(to.Field(i), from.Field(i))
			}
		}
		return
	}
	to.Set(from)
}
