package imaging

import (
	"bytes"
	"encoding/binary"
	"strings"
	"time"
)

// meta is all that is ever read of a photo's metadata. Where it was taken, with
// what and by whom goes nowhere.
type meta struct {
	orientation int // 1 to 8 as in Exif
	taken       time.Time
}

var exifMark = []byte("Exif\x00\x00")

// readMeta never fails: a photo with broken metadata is a photo without.
func readMeta(content []byte, t Type) meta {
	var found meta
	switch t {
	case JPEG:
		seen := false
		jpegSegments(content, func(marker byte, body []byte) {
			if tiff, ok := bytes.CutPrefix(body, exifMark); ok && marker == 0xe1 && !seen {
				found, seen = readTIFF(tiff), true
			}
		})
	case PNG:
		for kind, body := range pngChunks(content) {
			if kind == "eXIf" {
				found = readTIFF(body)
				break
			}
		}
	case WebP:
		for kind, body := range webpChunks(content) {
			if kind == "EXIF" {
				found = readTIFF(bytes.TrimPrefix(body, exifMark))
				break
			}
		}
	case HEIC:
		// The block lies anywhere in the file; its mark and the one that follows are
		// eight bytes that do not come together by chance. The decoder turns the
		// picture itself, by other data.
		for rest := content; ; {
			_, tiff, ok := bytes.Cut(rest, exifMark)
			if !ok {
				break
			}
			if rest = tiff; tiffOrder(tiff) != nil {
				found = readTIFF(tiff)
				break
			}
		}
		found.orientation = 1
	}
	if found.orientation < 1 || found.orientation > 8 {
		found.orientation = 1
	}
	return found
}

func tiffOrder(b []byte) binary.ByteOrder {
	switch {
	case bytes.HasPrefix(b, []byte("II*\x00")):
		return binary.LittleEndian
	case bytes.HasPrefix(b, []byte("MM\x00*")):
		return binary.BigEndian
	}
	return nil
}

// The tags that are read, of CIPA DC-008 (Exif), 4.6.
const (
	tagOrientation = 0x0112
	tagExif        = 0x8769
	tagTaken       = 0x9003
	tagDigitised   = 0x9004
)

func readTIFF(b []byte) meta {
	order := tiffOrder(b)
	if order == nil || len(b) < 8 {
		return meta{}
	}
	m := meta{orientation: 1}
	var taken, digitised time.Time
	directory := func(at uint32, visit func(tag uint16, value []byte)) {
		if at == 0 || uint64(at)+2 > uint64(len(b)) {
			return
		}
		entries := b[at+2:]
		for range order.Uint16(b[at:]) {
			if len(entries) < 12 {
				return
			}
			visit(order.Uint16(entries), entries[2:12])
			entries = entries[12:]
		}
	}
	// A value: two bytes of type, four of count, four of content or its place.
	text := func(value []byte) string {
		count, at := uint64(order.Uint32(value[2:])), uint64(order.Uint32(value[6:]))
		if count > 64 || at+count > uint64(len(b)) {
			return ""
		}
		return string(b[at : at+count])
	}
	var exif uint32 // one at most: 65,535 entries that each name as many would be a minute's work
	directory(order.Uint32(b[4:]), func(tag uint16, value []byte) {
		switch tag {
		case tagOrientation:
			m.orientation = int(order.Uint16(value[6:]))
		case tagExif:
			exif = order.Uint32(value[6:])
		}
	})
	directory(exif, func(tag uint16, value []byte) {
		switch tag {
		case tagTaken:
			taken = cameraTime(text(value))
		case tagDigitised:
			digitised = cameraTime(text(value))
		}
	})
	if m.taken = taken; m.taken.IsZero() {
		m.taken = digitised
	}
	return m
}

// cameraTime reads a camera's clock, which has no zone.
func cameraTime(s string) time.Time {
	t, err := time.Parse("2006:01:02 15:04:05", strings.TrimRight(s, "\x00 "))
	if err != nil || t.Year() < 1990 { // a camera whose clock was never set
		return time.Time{}
	}
	return t
}
