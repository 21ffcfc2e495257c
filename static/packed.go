package static

import (
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"path"
	"slices"
)

// Compressing well takes longer than starting may, so it is done when the program is built: static/pack writes the
// bundles to packed/, in a folder that Sources names, in two compressed forms. What was built from
// other sources has another name and is passed over: the program then joins and compresses by itself, less well.

// The ends of the names of compressed bundles in packed/.
const (
	Deflated = ".deflate"
	Brotli   = ".br"
)

// bundle is a file that pages ask for. Its compressed forms are flushed, not closed, so that more may follow.
type bundle struct {
	plain, deflated, brotli []byte
}

// Sources names what the bundles are made of, and how.
func Sources() string {
	all := sha256.New()
	for _, name := range slices.Concat(found("css/*.css"), found("js/*.js"), found("img/*"), found("vendor/*.js"), []string{"bundle.go"}) {
		_, _ = fmt.Fprintf(all, "%s %d\n%s", name, len(must(name)), must(name)) // a hash takes everything
	}
	return hex.EncodeToString(all.Sum(nil))[:12]
}

// read returns the bundles out of packed, or makes them if they are not there.
func read(packed fs.FS) map[string]bundle {
	all := map[string]bundle{}
	dir := path.Join("packed", Sources())
	if _, err := fs.Stat(packed, dir); err != nil {
		for name, plain := range Bundles() {
			var b bytes.Buffer
			z, _ := flate.NewWriter(&b, flate.DefaultCompression) // fails for unknown levels only
			_, _ = z.Write(plain)
			_ = z.Flush()
			all[name] = bundle{plain: plain, deflated: b.Bytes()}
		}
		return all
	}
	part := func(name string) []byte {
		data, err := fs.ReadFile(packed, path.Join(dir, name))
		if err != nil {
			panic(fmt.Errorf("packed file: %w", err))
		}
		return data
	}
	for _, name := range names() {
		b := bundle{deflated: part(name + Deflated), brotli: part(name + Brotli)}
		plain, err := io.ReadAll(flate.NewReader(bytes.NewReader(b.deflated)))
		if !errors.Is(err, io.ErrUnexpectedEOF) { // it is flushed, not closed
			panic(fmt.Errorf("packed file %s: %w", name, err))
		}
		b.plain = plain
		all[name] = b
	}
	return all
}

// gzip is the bundle and the rest behind it as gzip: a header, the open stream, the rest as it is in a last block, sum
// and length of all (RFC 1952, RFC 1951 3.2.4).
func (b bundle) gzip(rest []byte) []byte {
	out := slices.Concat([]byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255}, b.deflated)
	n := uint16(len(rest))
	out = binary.LittleEndian.AppendUint16(append(out, 1), n)
	out = append(binary.LittleEndian.AppendUint16(out, ^n), rest...)
	out = binary.LittleEndian.AppendUint32(out, crc32.Update(crc32.ChecksumIEEE(b.plain), crc32.IEEETable, rest))
	return binary.LittleEndian.AppendUint32(out, uint32(len(b.plain)+len(rest)))
}

// brotliWith is the bundle and the rest behind it as brotli: the open stream, the rest as it is in a block, and an
// empty last one (RFC 7932 9.2); nil when brotli was not made of it.
func (b bundle) brotliWith(rest []byte) []byte {
	if b.brotli == nil {
		return nil
	}
	out := slices.Clone(b.brotli)
	if n := uint32(len(rest)); n > 0 {
		head := (n-1)<<3 | 1<<19
		out = append(out, byte(head), byte(head>>8), byte(head>>16))
		out = append(out, rest...)
	}
	return append(out, 3)
}

// ending is the bundle with some more bytes at its end, as it is sent.
func (b bundle) ending(kind string, rest []byte) Asset {
	if len(rest) > 1<<16-1 {
		panic("static: too long an end")
	}
	plain := slices.Concat(b.plain, rest)
	sum := sha256.Sum256(plain)
	return Asset{Hash: hex.EncodeToString(sum[:])[:12], kind: kind, plain: plain, gzip: b.gzip(rest), brotli: b.brotliWith(rest)}
}
