package imaging

import (
	"errors"
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
