package main

import (
	"bytes"
	"compress/flate"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/andybalholm/brotli"

	"fieldgate/static"
)

// TestPack writes each bundle in its two forms, and leaves nothing of other sources behind.
func TestPack(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, old := range []string{"0123456789ab/app.css", ".gitkeep"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, old)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, old), []byte("old"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := pack(dir); err != nil {
		t.Fatal(err)
	}
	if names, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(names) != 1+1 { // with .gitkeep
		t.Errorf("%v, %v", names, err)
	}
	for name, plain := range static.Bundles() {
		at := filepath.Join(dir, static.Sources(), name)
		deflated, err := os.ReadFile(at + static.Deflated)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(flate.NewReader(bytes.NewReader(deflated))); !errors.Is(err, io.ErrUnexpectedEOF) || !bytes.Equal(got, plain) {
			t.Errorf("%s: %v", name, err)
		}
		open, err := os.ReadFile(at + static.Brotli)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(brotli.NewReader(bytes.NewReader(append(open, 3)))) // 3 is an empty last block
		if err != nil || !bytes.Equal(got, plain) || len(open) > len(plain) && len(plain) > 1000 {
			t.Errorf("%s: %d bytes as brotli, %v", name, len(open), err)
		}
	}
}
