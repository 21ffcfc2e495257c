//go:build nodemo

package main

func demonstration() []command { return nil }
