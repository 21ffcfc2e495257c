package imaging

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image/png"
)

var (
	errDamaged  = errors.New("it is damaged")
	errCut      = errors.New("its end is missing")
	errAnimated = errors.New("it is animated")
	errScans    = errors.New("it is stored in a way that takes far too much work to open. Save it again as a plain JPEG")
)

// Each scan of a JPEG goes over the whole picture, however few bytes it has.
// Programs write one to a dozen of them.
const (
	maxScans     = 100
	usualScans   = 12            // however many pixels a picture has
	maxScanSteps = 1_000_000_000 // scans × pixels beyond them: what twenty scans of 50 megapixels take
)

// Measure returns a photo's dimensions as stored, and an error in words for
// people if it is not whole. It reads the structure only: nothing is unpacked.
func Measure(content []byte, t Type) (width, height int, err error) {
	switch t {
	case JPEG:
		return measureJPEG(content)
	case PNG:
		config, err := png.DecodeConfig(bytes.NewReader(content))
		if err != nil {
			return 0, 0, errDamaged
		}
		for kind := range pngChunks(content) {
			if kind == "IEND" {
				return config.Width, config.Height, nil
			}
		}
		return 0, 0, errCut
	case WebP:
		return measureWebP(content)
	case HEIC:
		return measureHEIC(content)
	}
	return 0, 0, errDamaged
}

func allowed(width, height, pixels int) error {
	switch {
	case width < 1 || height < 1:
		return errors.New("it has no area")
	case width > MaxSide || height > MaxSide:
		return fmt.Errorf("it measures %d × %d pixels, and no side may be longer than 50,000", width, height)
	case width*height > pixels:
		return fmt.Errorf("it has %d megapixels, and %d are the most", width*height/1_000_000, pixels/1_000_000)
	}
	return nil
}

// jpegSegments goes through the segments before the picture itself and returns
// the picture's place, or -1. ITU-T T.81, annex B.
func jpegSegments(b []byte, visit func(marker byte, body []byte)) (scan int) {
	for i := 2; i+4 <= len(b); {
		if b[i] != 0xff { // some cameras pad, and decoders skip it
			i++
			continue
		}
		marker := b[i+1]
		if marker == 0xff || marker == 0 { // fill bytes
			i++
			continue
		}
		if marker == 0x01 || (marker >= 0xd0 && marker <= 0xd8) { // without a body
			i += 2
			continue
		}
		end := i + 2 + int(binary.BigEndian.Uint16(b[i+2:]))
		if end < i+4 || end > len(b) {
			return -1
		}
		if marker == 0xda {
			return end
		}
		if visit != nil {
			visit(marker, b[i+4:end])
		}
		i = end
	}
	return -1
}

// jpegFrame reads the frame's head, and returns the place of the first scan, or -1.
func jpegFrame(b []byte) (width, height, scan int) {
	scan = jpegSegments(b, func(marker byte, body []byte) {
		frame := marker >= 0xc0 && marker <= 0xc2 // of those kinds that are decoded
		if frame && width == 0 && len(body) >= 5 {
			height, width = int(binary.BigEndian.Uint16(body[1:])), int(binary.BigEndian.Uint16(body[3:]))
		}
	})
	return width, height, scan
}

// jpegEnd goes through the scans and returns what is behind the mark of the end,
// which cannot occur inside one; -1 when it is missing. At each further scan more
// is asked whether to go on.
func jpegEnd(b []byte, scan int, more func() bool) int {
	for {
		next := bytes.IndexByte(b[scan:], 0xff)
		if scan += next + 2; next < 0 || scan > len(b) {
			return -1
		}
		switch marker := b[scan-1]; {
		case marker == 0xd9:
			return scan
		case marker == 0xff:
			scan-- // a fill byte: the mark may follow
		case marker <= 0x01, marker >= 0xd0 && marker <= 0xd8: // without a body
		case scan+2 > len(b):
			return -1
		default:
			if marker == 0xda && !more() {
				return -1
			}
			scan = min(scan+int(binary.BigEndian.Uint16(b[scan:])), len(b))
		}
	}
}

// measureJPEG counts the scans as well. A picture without its end, or with
// something behind it, is one: browsers show it.
func measureJPEG(b []byte) (width, height int, err error) {
	width, height, scan := jpegFrame(b)
	switch {
	case width < 1 || height < 1:
		return 0, 0, errDamaged
	case scan < 0 || scan == len(b):
		return 0, 0, errCut
	}
	scans := 1
	jpegEnd(b, scan, func() bool {
		scans++
		if scans > maxScans || scans > usualScans && scans*width*height > maxScanSteps {
			err = errScans
		}
		return err == nil
	})
	if err != nil {
		return 0, 0, err
	}
	return width, height, nil
}

// pngChunks yields complete chunks. https://www.w3.org/TR/png-3/#5Chunk-layout
func pngChunks(b []byte) func(yield func(kind string, body []byte) bool) {
	return func(yield func(string, []byte) bool) {
		for i := 8; i+12 <= len(b); {
			end := i + 12 + int(binary.BigEndian.Uint32(b[i:]))
			if end > len(b) || !yield(string(b[i+4:i+8]), b[i+8:end-4]) {
				return
			}
			i = end
		}
	}
}

// webpChunks yields complete chunks. RFC 9649, section 2.3.
func webpChunks(b []byte) func(yield func(kind string, body []byte) bool) {
	return func(yield func(string, []byte) bool) {
		for i := 12; i+8 <= len(b); {
			end := i + 8 + int(binary.LittleEndian.Uint32(b[i+4:]))
			if end > len(b) || !yield(string(b[i:i+4]), b[i+8:end]) {
				return
			}
			i = end + end%2
		}
	}
}

// measureWebP looks at the canvas and at the picture on it: nothing makes a
// file tell the same of both, and the decoder takes memory for both.
func measureWebP(b []byte) (width, height int, err error) {
	if len(b) < 12 || int64(binary.LittleEndian.Uint32(b[4:]))+8 > int64(len(b)) {
		return 0, 0, errCut
	}
	picture, animated := false, false
	for kind, body := range webpChunks(b) {
		w, h := 0, 0
		switch {
		case kind == "VP8X" && len(body) >= 10:
			w = 1 + int(binary.LittleEndian.Uint32(body[4:])&0xffffff)
			h = 1 + int(binary.LittleEndian.Uint32(body[6:])>>8)
		case kind == "VP8 " && len(body) >= 10:
			picture = true
			w = int(binary.LittleEndian.Uint16(body[6:]) & 0x3fff)
			h = int(binary.LittleEndian.Uint16(body[8:]) & 0x3fff)
		case kind == "VP8L" && len(body) >= 5:
			picture = true
			bits := binary.LittleEndian.Uint32(body[1:])
			w, h = 1+int(bits&0x3fff), 1+int(bits>>14&0x3fff)
		case kind == "ANIM" || kind == "ANMF":
			animated = true
		}
		width, height = max(width, w), max(height, h)
	}
	switch {
	case animated:
		return 0, 0, errAnimated
	case !picture:
		return 0, 0, errDamaged
	}
	return width, height, nil
}

// boxes yields the boxes of an ISO base media file (ISO/IEC 14496-12, 4.2). The
// body of one that is cut off is nil.
func boxes(b []byte) func(yield func(kind string, body []byte) bool) {
	return func(yield func(string, []byte) bool) {
		for len(b) >= 8 {
			head, length := uint64(8), uint64(binary.BigEndian.Uint32(b))
			switch {
			case length == 0:
				length = uint64(len(b))
			case length == 1 && len(b) >= 16:
				head, length = 16, binary.BigEndian.Uint64(b[8:])
			}
			if length < head {
				return
			}
			kind := string(b[4:8])
			if length > uint64(len(b)) {
				yield(kind, nil)
				return
			}
			if !yield(kind, b[head:length]) {
				return
			}
			b = b[length:]
		}
	}
}

// box returns the body of the first box of that kind.
func box(b []byte, kind string) []byte {
	for k, body := range boxes(b) {
		if k == kind {
			return body
		}
	}
	return nil
}

// hasHEVC tells whether the file says that it holds a still picture in HEVC.
func hasHEVC(b []byte) bool {
	brands := box(b[:min(len(b), 4096)], "ftyp")
	for i := 0; i+4 <= len(brands); i += 4 {
		switch string(brands[i : i+4]) {
		case "heic", "heix", "heim", "heis":
			return true
		}
	}
	return false
}

// measureHEIC takes the largest of all pictures in the file: tiles, thumbnails
// and the whole. ISO/IEC 23008-12, 6.5.3.
func measureHEIC(b []byte) (width, height int, err error) {
	whole, data := true, false
	for kind, body := range boxes(b) {
		whole = whole && body != nil
		data = data || kind == "mdat" || kind == "idat"
	}
	meta := box(b, "meta")
	if !whole || !data {
		return 0, 0, errCut
	}
	if len(meta) < 4 {
		return 0, 0, errDamaged
	}
	for kind, body := range boxes(box(box(meta[4:], "iprp"), "ipco")) {
		if kind != "ispe" || len(body) < 12 {
			continue
		}
		w, h := binary.BigEndian.Uint32(body[4:]), binary.BigEndian.Uint32(body[8:])
		if uint64(w)*uint64(h) >= uint64(width)*uint64(height) {
			width, height = int(w), int(h)
		}
	}
	if width == 0 {
		return 0, 0, errDamaged
	}
	return width, height, nil
}
