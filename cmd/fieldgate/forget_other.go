//go:build !linux

package main

// forgetStart does nothing where servers do not run.
func forgetStart() {}
