package imaging

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"slices"
)

// Videos are kept and played as they are: the browser decodes them, this program
// never does. Only the boxes around pictures and sound are read.

// videoBrands are what files say that they are: MP4 by their standards, MOV by
// its own. https://mp4ra.org/registered-types/brands
var videoBrands = []string{
	"qt  ", "isom", "iso2", "iso3", "iso4", "iso5", "iso6", "iso7", "iso8", "iso9", "mp41", "mp42", "mp71", "avc1", "hvc1", "M4V ", "M4VP", "M4VH", "MSNV", "mmp4",
	"dash", "f4v ", "3gp4", "3gp5", "3gp6", "3gp7",
}

// isVideo looks at the first box. The oldest MOV files begin without a brand.
func isVideo(b []byte) bool {
	if len(b) < 12 {
		return false
	}
	switch string(b[4:8]) {
	case "ftyp":
		brands := box(b[:min(len(b), 4096)], "ftyp")
		for i := 0; i+4 <= len(brands); i += 4 {
			if i != 4 && slices.Contains(videoBrands, string(brands[i:i+4])) { // the second is a number
				return true
			}
		}
		return false
	case "moov", "mdat", "wide", "pnot":
		return box(b, "moov") != nil
	}
	return false
}

func videoType(b []byte) Type {
	if string(b[4:8]) == "ftyp" && string(b[8:12]) != "qt  " {
		return MP4
	}
	return MOV
}

// checkVideo says what keeps a video from being played.
func checkVideo(b []byte) error {
	data := false
	for kind, body := range boxes(b) {
		if body == nil && (kind == "mdat" || kind == "moov") {
			return errCut
		}
		data = data || kind == "mdat" || kind == "moof"
	}
	movie := box(b, "moov")
	switch {
	case movie == nil, !data:
		return errCut
	case box(movie, "cmov") != nil:
		return errors.New("it is packed in a way that browsers do not read")
	}
	for kind, track := range boxes(movie) {
		if kind != "trak" {
			continue
		}
		if handler := box(box(track, "mdia"), "hdlr"); len(handler) >= 12 && string(handler[8:12]) == "vide" {
			return nil
		}
	}
	return errors.New("it has no picture")
}

// places are the parts of a video that say where it was taken, as phones write
// them: of the movie's and its tracks' user data the place (©xyz, loci), of
// Apple's list of keys those about location, and all of XMP. Tracks of measurements, which some
// action cameras add, are not among them.
func places(b []byte) (found []Span) {
	// XMP in a box of its own: https://developer.adobe.com/xmp/docs/XMPSpecifications/, part 3, 1.2.6
	xmp := [16]byte{0xbe, 0x7a, 0xcf, 0xcb, 0x97, 0xa9, 0x42, 0xe8, 0x9c, 0x71, 0x99, 0x94, 0x91, 0xe3, 0xaf, 0xac}
	add := func(part []byte) {
		// A slice of b reaches as far as b does, which tells where it begins.
		found = append(found, Span{Offset: int64(cap(b) - cap(part)), Bytes: int64(len(part))})
	}
	holder := func(movie []byte) {
		for kind, body := range boxes(movie) {
			switch kind {
			case "udta":
				for kind, body := range boxes(body) {
					if kind == "\xa9xyz" || kind == "loci" || kind == "XMP_" {
						add(body)
					}
					if kind == "meta" {
						placesOfKeys(body, add)
					}
				}
			case "meta":
				placesOfKeys(body, add)
			case "uuid":
				if len(body) > 16 && [16]byte(body) == xmp {
					add(body[16:])
				}
			}
		}
	}
	movie := box(b, "moov")
	holder(b)
	holder(movie)
	for kind, track := range boxes(movie) {
		if kind == "trak" {
			holder(track)
		}
	}
	return found
}

// placesOfKeys looks through a list of names and, in the same order, values.
// https://developer.apple.com/documentation/quicktime-file-format/metadata_atoms_and_types
func placesOfKeys(meta []byte, add func([]byte)) {
	if len(meta) >= 8 && string(meta[4:8]) != "hdlr" { // as in MP4, which has a version there
		meta = meta[4:]
	}
	names := map[uint32]bool{}
	if keys := box(meta, "keys"); len(keys) > 8 {
		n := uint32(0)
		for _, name := range boxes(keys[8:]) {
			if n++; bytes.Contains(bytes.ToLower(name), []byte("location")) {
				names[n] = true
			}
		}
	}
	for kind, item := range boxes(box(meta, "ilst")) {
		if !names[binary.BigEndian.Uint32([]byte(kind))] && kind != "\xa9xyz" {
			continue
		}
		if value := box(item, "data"); len(value) > 8 { // behind what kind of value it is
			add(value[8:])
		}
	}
}

// Blank overwrites parts of a file, which keeps its length, and so its structure.
func Blank(w io.WriterAt, parts []Span) error {
	for _, p := range parts {
		if _, err := w.WriteAt(make([]byte, p.Bytes), p.Offset); err != nil {
			return err
		}
	}
	return nil
}
