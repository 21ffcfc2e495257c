package imaging

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// numbers are fields of a box, each of four bytes.
func numbers(all ...uint32) (b []byte) {
	for _, n := range all {
		b = binary.BigEndian.AppendUint32(b, n)
	}
	return b
}

// aTrack is a track whose samples lie in chunks at offsets, each of two samples.
// Kind is what the table of their sizes is called.
func aTrack(id uint32, handler, kind string, size int, offsets ...uint32) []byte {
	samples := uint32(2 * len(offsets))
	each := make([]uint32, samples)
	for i := range each {
		each[i] = uint32(size)
	}
	chunks := aBox("stco", numbers(0, uint32(len(offsets))), numbers(offsets...))
	sizes := aBox("stsz", numbers(0, 0, samples), numbers(each...))
	switch kind {
	case "same":
		sizes = aBox("stsz", numbers(0, uint32(size), samples))
	case "stz2":
		sizes = aBox("stz2", numbers(0, 8, samples), bytes.Repeat([]byte{byte(size)}, int(samples)))
	case "co64":
		wide := numbers(0, uint32(len(offsets)))
		for _, at := range offsets {
			wide = binary.BigEndian.AppendUint64(wide, uint64(at))
		}
		chunks = aBox("co64", wide)
	case "fragments":
		sizes, chunks = aBox("stsz", numbers(0, 0, 0)), aBox("stco", numbers(0, 0))
	}
	table := aBox("stbl", aBox("stsd", numbers(0, 1), aBox(handler, make([]byte, 8))), aBox("stsc", numbers(0, 1, 1, 2, 1)), sizes, chunks)
	return aBox("trak", aBox("tkhd", numbers(0, 0, 0, id, 0, 0), make([]byte, 60)), aBox("mdia", aBox("hdlr", numbers(0, 0), []byte(handler), make([]byte, 12)), aBox("minf", table)))
}

// secret is where a video was taken. No test's file may say it when it is kept.
const secret = "-37.8136+144.9631"

// said is a sample of the length of size that says where it was.
func said(size int) []byte { return append([]byte(secret), make([]byte, size-len(secret))...) }

// filmedBy are videos as they come from phones, action cameras, drones and cameras
// in cars, each with its own way to say where it was.
func filmedBy() map[string][]byte {
	const size = 24
	picture, coordinates := bytes.Repeat([]byte("V"), 2*size), append(said(size), said(size)...)
	head := aBox("ftyp", []byte("isom\x00\x00\x02\x00isom"))
	film := func(tracks func(picture, measured uint32) [][]byte) []byte {
		data := aBox("mdat", picture, coordinates, picture, coordinates)
		at := uint32(len(head) + 8)
		return bytes.Join([][]byte{head, data, aBox("moov", tracks(at, at+2*size)...)}, nil)
	}
	tracks := func(handler, kind string) func(uint32, uint32) [][]byte {
		return func(p, m uint32) [][]byte {
			return [][]byte{aTrack(1, "vide", "stsz", size, p, p+4*size), aTrack(2, handler, kind, size, m, m+4*size)}
		}
	}
	none := bytes.Join([][]byte{head, aBox("mdat", picture), aBox("moov", aTrack(1, "vide", "same", size, uint32(len(head)+8)))}, nil)
	xml := aBox("meta", numbers(0), aBox("hdlr", numbers(0, 0), []byte("nrtm"), make([]byte, 12)), aBox("xml ", numbers(0), []byte(`<Item name="Latitude" value="`+secret+`"/>`)))
	in := func(holder string, box []byte) []byte { // of the movie
		b := bytes.Clone(none)
		add := box
		if holder != "moov" {
			add = aBox(holder, box)
		}
		at := bytes.LastIndex(b, []byte("moov")) - 4
		binary.BigEndian.PutUint32(b[at:], binary.BigEndian.Uint32(b[at:])+uint32(len(add)))
		return append(b, add...)
	}
	behind := func(boxes ...[]byte) []byte { return bytes.Join(append([][]byte{none}, boxes...), nil) }
	fragments := func(flags uint32, header []byte, run []byte) []byte {
		moof := aBox("moof", aBox("mfhd", numbers(0, 1)), aBox("traf", aBox("tfhd", numbers(flags, 2), header), aBox("trun", run)), aBox("udta", aBox("loci", []byte(secret))), xml)
		init := aBox("moov", aTrack(1, "vide", "same", size, 0), aTrack(2, "meta", "fragments", size), aBox("mvex", aBox("trex", numbers(0, 2, 1, 0, size, 0))))
		return bytes.Join([][]byte{head, init, aBox("mdat", picture), moof, aBox("mdat", coordinates)}, nil)
	}
	moofBytes := func(flags uint32, header, run []byte) uint32 {
		b := fragments(flags, header, run)
		return uint32(bytes.LastIndex(b, []byte("mdat"))+4) - uint32(bytes.Index(b, []byte("moof"))-4)
	}
	offset := moofBytes(0x20000, nil, numbers(0x201, 2, 0, size, size))
	return map[string][]byte{
		"a track of measurements":                 film(tracks("meta", "stsz")),
		"one of samples of the same length":       film(tracks("meta", "same")),
		"one with short sizes":                    film(tracks("camm", "stz2")),
		"one beyond four gigabytes":               film(tracks("data", "co64")),
		"subtitles of a drone":                    bytes.ReplaceAll(film(tracks("text", "stsz")), []byte(secret), []byte("GPS(-37.8136+144.")),
		"words of the movie":                      in("udta", aBox("\xa9xyz", []byte(secret))),
		"a comment":                               in("udta", aBox("\xa9cmt", []byte("at "+secret))),
		"settings of an action camera":            in("udta", aBox("GPMF", []byte(secret))),
		"a camera in a car":                       in("moov", aBox("gps ", []byte(secret))),
		"free room in the movie":                  in("moov", aBox("free", []byte(secret))),
		"XML of a camera, of the movie":           in("moov", xml),
		"XML of a camera, in words of the movie":  in("udta", xml),
		"XML of a camera, beside the movie":       behind(xml),
		"XML, packed":                             behind(aBox("meta", numbers(0), aBox("hdlr", make([]byte, 24)), aBox("bxml", []byte(secret)))),
		"a box of its own":                        behind(aBox("uuid", make([]byte, 16), []byte("GPSPosition "+secret))),
		"free room":                               behind(aBox("free", []byte("GPS "+secret)), aBox("skip", []byte(secret))),
		"boxes that nobody knows":                 behind(aBox("inst", []byte(secret))),
		"what stands behind the boxes":            behind([]byte(secret + " and 8db42d694ccc418790edff439fe026bf")),
		"fragments that say where they begin":     fragments(0x20000, nil, numbers(0x201, 2, offset, size, size)),
		"fragments of samples of the same length": fragments(0x20010, numbers(size), numbers(0x1, 2, moofBytes(0x20010, numbers(size), numbers(0x1, 2, 0)))),
		"fragments as their movie says":           fragments(0x20000, nil, numbers(0x1, 2, moofBytes(0x20000, nil, numbers(0x1, 2, 0)))),
	}
}

// layout is every box of a video with where it begins and ends, but for what lies
// in those that nobody has to read.
func layout(b []byte, depth int) string {
	var all strings.Builder
	for kind, body := range boxes(b) {
		if body == nil || kind == "\x00\x00\x00\x00" {
			break // what is behind is no box
		}
		fmt.Fprintf(&all, "%s%q %d\n", strings.Repeat(" ", depth), kind, len(body))
		if nests[kind] || kind == "stbl" {
			all.WriteString(layout(body, depth+1))
		}
	}
	return all.String()
}

// TestNoVideoSaysWhereItWasTaken: whoever made it, nothing in it tells the place
// when it is kept, and picture and structure are as they were.
func TestNoVideoSaysWhereItWasTaken(t *testing.T) {
	t.Parallel()
	for name, video := range filmedBy() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if !bytes.Contains(video, []byte("-37.8136+144.")) {
				t.Fatal("it says nothing from the start")
			}
			f, err := os.Create(filepath.Join(t.TempDir(), "a.mp4"))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if _, err := f.Write(video); err != nil {
				t.Fatal(err)
			}
			seen, err := Inspect(f, int64(len(video)), "a.mp4")
			if err == nil {
				err = Blank(f, seen.Places)
			}
			if err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(f.Name())
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(got, []byte("37.8")) || bytes.Contains(got, []byte("144.")) {
				t.Errorf("it still says so: %q", got)
			}
			if n := bytes.Count(got, []byte("V")); n != bytes.Count(video, []byte("V")) || layout(got, 0) != layout(video, 0) {
				t.Errorf("%d bytes of the picture are left, and\n%s\nbecame\n%s", n, layout(video, 0), layout(got, 0))
			}
			if _, err := Inspect(bytes.NewReader(got), int64(len(got)), "a.mp4"); err != nil {
				t.Errorf("it is not taken any more: %v", err)
			}
		})
	}
}

// TestVideosMadeToCostAreLookedThrough: boxes in boxes, tables that promise more
// than there is, and parts without number end in an answer.
func TestVideosMadeToCostAreLookedThrough(t *testing.T) {
	t.Parallel()
	head, data := aBox("ftyp", []byte("isom\x00\x00\x02\x00isom")), aBox("mdat", make([]byte, 64))
	picture := aTrack(1, "vide", "same", 1, 0)
	var nested []byte
	for range 5000 {
		nested = aBox("moov", nested)
	}
	track := func(tables ...[]byte) []byte {
		return aBox("trak", aBox("tkhd", numbers(0, 0, 0, 2, 0, 0)), aBox("mdia", aBox("hdlr", numbers(0, 0), []byte("meta")), aBox("minf", aBox("stbl", tables...))))
	}
	many := bytes.Repeat(aBox("free", []byte("x")), maxPlaces+2)
	tracks := bytes.Repeat(aBox("trex", numbers(0, 7, 0, 0, 0)), 1)
	for i := range maxTracks + 2 {
		tracks = append(tracks, aBox("trex", numbers(0, uint32(10+i), 0, 0, 0))...)
	}
	for name, tt := range map[string]struct {
		more    []byte
		refused string
	}{
		"boxes in boxes":      {nested, ""},
		"samples without end": {track(aBox("stsz", numbers(0, 1, 0xffffffff)), aBox("stsc", numbers(0, 1, 1, 0xffffffff, 1)), aBox("stco", numbers(0, 3, 0, 0xffffffff, 60))), ""},
		"samples of nothing":  {track(aBox("stsz", numbers(0, 0, 0xffffffff)), aBox("stsc", numbers(0, 1, 1, 0xffffffff, 1)), aBox("stco", numbers(0, 1, 0))), ""},
		"tables cut off":      {track(aBox("stsz", numbers(0)), aBox("stsc", numbers(0)), aBox("stco", numbers(0)), aBox("stz2", numbers(0))), ""},
		"places without end":  {many, "in too many places"},
		"tracks without end":  {aBox("mvex", tracks), "in too many places"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			video := bytes.Join([][]byte{head, data, aBox("moov", picture, tt.more), aBox("moof", aBox("traf", aBox("tfhd", numbers(0x3b, 2)), aBox("trun", numbers(0xf05, 0xffffffff)), aBox("trun", numbers(0x1))))}, nil)
			seen, err := Inspect(bytes.NewReader(video), int64(len(video)), "a.mp4")
			if tt.refused != "" && (err == nil || !strings.Contains(err.Error(), tt.refused)) || tt.refused == "" && err != nil {
				t.Fatal(err)
			}
			for _, p := range seen.Places {
				if p.Offset < 0 || p.Bytes <= 0 || p.Offset+p.Bytes > int64(len(video)) {
					t.Errorf("%+v lies outside", p)
				}
			}
		})
	}
}
