// Command pack joins and compresses what browsers load, for the program to embed: `make assets` runs it.
//
//	go run ./static/pack static/packed
package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/flate" // packs a little smaller than Go's own

	"fieldgate/static"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "pack: name the folder to write to")
		os.Exit(2)
	}
	if err := pack(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "pack:", err)
		os.Exit(1)
	}
}

// pack writes the bundles into a folder of dir that is named after their sources, and removes others.
func pack(dir string) error {
	old, err := filepath.Glob(filepath.Join(dir, "[0-9a-f]*"))
	if err != nil {
		return err
	}
	for _, other := range old {
		err = errors.Join(err, os.RemoveAll(other)) //nolint:gosec // whoever runs it names the folder
	}
	for name, plain := range static.Bundles() {
		to := filepath.Join(dir, static.Sources(), name)
		err = errors.Join(err, os.MkdirAll(filepath.Dir(to), 0o750)) //nolint:gosec // likewise
		for ending, content := range map[string][]byte{static.Deflated: deflated(plain), static.Brotli: brotlied(plain)} {
			err = errors.Join(err, os.WriteFile(to+ending, content, 0o600)) //nolint:gosec // likewise
		}
	}
	return err
}

// Both forms are flushed and not closed: the program adds their ends, and some rules of the business's own before.

func deflated(plain []byte) []byte {
	var b bytes.Buffer
	z, _ := flate.NewWriter(&b, flate.BestCompression) // fails for unknown levels only
	_, _ = z.Write(plain)                              // a buffer takes everything
	_ = z.Flush()
	return b.Bytes()
}

func brotlied(plain []byte) []byte {
	var b bytes.Buffer
	z := brotli.NewWriterLevel(&b, brotli.BestCompression)
	_, _ = z.Write(plain)
	_ = z.Flush()
	return b.Bytes()
}
