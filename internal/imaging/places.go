package imaging

import (
	"cmp"
	"encoding/binary"
	"io"
	"regexp"
	"slices"
	"strings"
)

// Where a video was taken stands in many places, and each maker of phones and
// cameras knows some of its own. So it is not those places that are looked for:
// what is needed to play a video stays, words that name no place stay, and the
// rest of what a box may carry is blanked, as long as it was.

// structure are the boxes that make a video what it is, by ISO/IEC 14496-12 and
// Apple's QuickTime File Format. What is in none of them, no browser reads.
var structure = boxNames(`ftyp styp etyp moov mvhd iods ctab clip rmra prfl mvex mehd trex leva trep pssh ainf trak tkhd tref edts mdia tapt load imap matt txas trgr strk msrc
	mdhd hdlr elng minf vmhd smhd hmhd nmhd sthd gmhd gmin dinf stbl moof mfhd traf tfhd tfdt trun sbgp sgpd subs saiz saio senc mfra sidx ssix prft pdin pnot PICT mdat imda`)

// nests are the boxes in which others lie.
var nests = boxNames(`moov mvex trak mdia minf moof traf`)

// harmless are those of user data that say what a video is called, who made it
// and how it is played. The words of QuickTime begin with ©.
var harmless = boxNames(`name titl dscp cprt perf auth gnre rtng clsf kywd albm yrrc kind tsel hnti hinf LOOP SelO AllF WLOC`)

// shownTracks are what tracks a player shows or counts by; whatever else has a track,
// it was measured while filming.
var shownTracks = boxNames(`vide soun auxv pict tmcd clcp hint sdsm odsm`)

// subtitles are tracks of words, in which drones write where they are.
var subtitles = boxNames(`text sbtl subt`)

func boxNames(list string) map[string]bool {
	all := map[string]bool{}
	for _, name := range strings.Fields(list) {
		all[name] = true
	}
	return all
}

// place is how a place is named, or written by ISO 6709.
var place = regexp.MustCompile(`(?i)(\b|_)gps|latitude|longitude|location|iso6709|\bgeo:|\.xyz\b|[+-]\d{1,3}\.\d{2,}[ ,]*[+-]\d{1,3}\.\d{2,}`)

// xmp is the box of that name: https://developer.adobe.com/xmp/docs/XMPSpecifications/, part 3, 1.2.6
const xmp = "\xbe\x7a\xcf\xcb\x97\xa9\x42\xe8\x9c\x71\x99\x94\x91\xe3\xaf\xac"

// Bounds of what files made to cost time and memory may have; hours of
// measurements are a few ten thousand parts of one track.
const (
	maxPlaces = 500_000
	maxTracks = 1000
	maxDepth  = 8
)

// filmed is a video that is looked through.
type filmed struct {
	all    []byte
	found  []Span
	media  []Span            // where samples may lie
	tracks map[uint32]*track // by their id
}

type track struct {
	handler string
	size    uint32 // of a sample in a fragment, if neither it nor the fragment says
	data    []Span
}

// places are the parts of a video that say, or may say, where it was taken: none
// overlaps another. Many is true when there are more than any camera writes.
func places(b []byte) (found []Span, many bool) {
	b = b[:len(b):len(b)]
	f := &filmed{all: b, tracks: map[uint32]*track{}}
	end := 0
	for kind, body := range boxes(b) {
		if body == nil {
			break // cut off: what is behind is no box
		}
		if kind == "mdat" {
			f.media = append(f.media, Span{f.offset(body), int64(len(body))})
		}
		end = int(f.offset(body)) + len(body)
	}
	f.add(b[end:])
	whole := b[:end:len(b)]
	f.walk(whole, 0)
	f.movie(box(whole, "moov"))
	begin := int64(0)
	for kind, body := range boxes(whole) {
		if kind == "moof" {
			f.fragment(body, begin)
		}
		begin = f.offset(body) + int64(len(body))
	}
	for _, t := range f.tracks {
		if !shownTracks[t.handler] && (!subtitles[t.handler] || slices.ContainsFunc(t.data, f.names)) {
			f.found = append(f.found, t.data...)
		}
	}
	return merged(f.found), len(f.found) > maxPlaces || len(f.tracks) > maxTracks
}

// offset tells where a part begins: a slice of all reaches as far as all does.
func (f *filmed) offset(part []byte) int64 { return int64(len(f.all) - cap(part)) }

func (f *filmed) add(part []byte) {
	if len(part) > 0 && len(f.found) <= maxPlaces {
		f.found = append(f.found, Span{f.offset(part), int64(len(part))})
	}
}

// names reports whether a part names a place.
func (f *filmed) names(s Span) bool { return place.Match(f.all[s.Offset : s.Offset+s.Bytes]) }

// walk looks through what boxes carry beside the video.
func (f *filmed) walk(b []byte, depth int) {
	for kind, body := range boxes(b) {
		switch {
		case nests[kind] && depth < maxDepth:
			f.walk(body, depth+1)
		case kind == "udta":
			f.userData(body)
		case kind == "meta":
			f.metadata(body)
		case kind == "uuid" && len(body) > 16: // somebody's own: a picture all around may be shown by it
			if string(body[:16]) == xmp || place.Match(body[16:]) {
				f.add(body[16:])
			}
		case kind != "uuid" && (!structure[kind] || nests[kind]):
			f.add(body)
		}
	}
}

func (f *filmed) userData(b []byte) {
	for kind, body := range boxes(b) {
		switch {
		case kind == "meta":
			f.metadata(body)
		case kind == "\xa9xyz", !harmless[kind] && kind[0] != 0xa9, place.Match(body):
			f.add(body)
		}
	}
}

// metadata looks through a list of names and, in the same order, values, and
// through what else may be in its box.
// https://developer.apple.com/documentation/quicktime-file-format/metadata_atoms_and_types
func (f *filmed) metadata(meta []byte) {
	if len(meta) >= 8 && string(meta[4:8]) != "hdlr" { // as in MP4, which has a version there
		meta = meta[4:]
	}
	named := map[uint32]bool{}
	if keys := box(meta, "keys"); len(keys) > 8 {
		n := uint32(0)
		for _, name := range boxes(keys[8:]) {
			if n++; place.Match(name) {
				named[n] = true
			}
		}
	}
	for kind, body := range boxes(meta) {
		switch kind {
		case "xml ", "bxml", "idat", "uuid":
			f.add(body)
		case "ilst":
			for kind, item := range boxes(body) {
				tells := named[binary.BigEndian.Uint32([]byte(kind))] || kind == "\xa9xyz" || place.Match(item)
				if value := box(item, "data"); tells && len(value) > 8 { // behind what kind of value it is
					f.add(value[8:])
				}
			}
		}
	}
}

// track is the track with an id, or a new one.
func (f *filmed) track(id uint32) *track {
	t := f.tracks[id]
	if t == nil {
		t = &track{}
		if len(f.tracks) <= maxTracks {
			f.tracks[id] = t
		}
	}
	return t
}

// movie reads where the samples of each track are.
func (f *filmed) movie(b []byte) {
	for kind, body := range boxes(b) {
		head := box(body, "tkhd")
		if kind != "trak" || len(head) < 24 {
			continue
		}
		id := be32(head, 12)
		if head[0] == 1 { // with longer times before it
			id = be32(head, 20)
		}
		media := box(body, "mdia")
		t := f.track(id)
		if handler := box(media, "hdlr"); len(handler) >= 12 {
			t.handler = string(handler[8:12])
		}
		if !shownTracks[t.handler] {
			f.samples(t, box(box(media, "minf"), "stbl"))
		}
	}
	for kind, body := range boxes(box(b, "mvex")) {
		if kind == "trex" && len(body) >= 20 {
			f.track(be32(body, 4)).size = be32(body, 16)
		}
	}
}

// samples finds where the data of a track are, a chunk a part.
func (f *filmed) samples(t *track, table []byte) {
	sizes, compact, chunks, runs := box(table, "stsz"), box(table, "stz2"), box(table, "stco"), box(table, "stsc")
	wide := 4
	if chunks == nil {
		chunks, wide = box(table, "co64"), 8
	}
	sample := 0
	size := func() (bytes int64, ok bool) {
		defer func() { sample++ }()
		switch {
		case len(sizes) >= 12 && be32(sizes, 4) != 0:
			return int64(be32(sizes, 4)), sample < int(be32(sizes, 8))
		case len(sizes) >= 16+4*sample:
			return int64(be32(sizes, 12+4*sample)), true
		case len(compact) >= 12:
			return compactSize(compact, sample)
		}
		return 0, false
	}
	run, total := 8, int64(0)
	for chunk := 0; 8+wide*(chunk+1) <= len(chunks) && total <= int64(len(f.all)); chunk++ {
		for run+24 <= len(runs) && int(be32(runs, run+12)) <= chunk+1 {
			run += 12
		}
		if run+12 > len(runs) {
			break
		}
		at := int64(be32(chunks, 8+wide*chunk))
		if wide == 8 {
			at = int64(binary.BigEndian.Uint64(chunks[8+8*chunk:]))
		}
		length := int64(0)
		for range be32(runs, run+4) {
			n, ok := size()
			if length += n; !ok || total+length > int64(len(f.all)) {
				break
			}
		}
		total += length
		f.keep(t, Span{at, length})
	}
}

// compactSize is the size of a sample in a table whose sizes take 4, 8 or 16 bits.
func compactSize(table []byte, sample int) (bytes int64, ok bool) {
	bits := int(table[7])
	at := 12 + sample*bits/8
	switch {
	case bits == 16 && at+2 <= len(table):
		return int64(binary.BigEndian.Uint16(table[at:])), true
	case bits == 8 && at < len(table):
		return int64(table[at]), true
	case bits == 4 && at < len(table):
		return int64(table[at] >> (4 * (1 - sample%2)) & 15), true
	}
	return 0, false
}

// fragment reads where the samples of a fragment are, which begins at an offset.
func (f *filmed) fragment(b []byte, begin int64) {
	next := begin
	for kind, body := range boxes(b) {
		head := box(body, "tfhd")
		if kind != "traf" || len(head) < 8 {
			continue
		}
		flags, id := be32(head, 0), be32(head, 4)
		t := f.track(id)
		size, base, at := t.size, next, 8
		for _, field := range []struct{ flag, bytes uint32 }{{0x1, 8}, {0x2, 4}, {0x8, 4}, {0x10, 4}} {
			if flags&field.flag == 0 || at+int(field.bytes) > len(head) {
				continue
			}
			switch field.flag {
			case 0x1:
				base = int64(binary.BigEndian.Uint64(head[at:]))
			case 0x10:
				size = be32(head, at)
			}
			at += int(field.bytes)
		}
		if flags&0x20000 != 0 {
			base = begin
		}
		next = base
		for kind, run := range boxes(body) {
			if kind != "trun" || len(run) < 8 {
				continue
			}
			var length int64
			next, length = f.run(run, base, next, size)
			if !shownTracks[t.handler] {
				f.keep(t, Span{next, length})
			}
			next += length
		}
	}
}

// run is where the samples of a run are, and how long they are together. Next is
// where they begin if the run does not say.
func (f *filmed) run(run []byte, base, next int64, size uint32) (begin, length int64) {
	flags, samples, at := be32(run, 0), be32(run, 4), 8
	if flags&0x1 != 0 && len(run) >= 12 {
		next, at = base+int64(int32(be32(run, 8))), 12
	}
	if flags&0x4 != 0 {
		at += 4
	}
	each, sized := 0, 0
	for _, flag := range []uint32{0x100, 0x200, 0x400, 0x800} {
		if flag == 0x200 {
			sized = each
		}
		if flags&flag != 0 {
			each += 4
		}
	}
	if flags&0x200 == 0 {
		return next, int64(samples) * int64(size)
	}
	for ; samples > 0 && at+each <= len(run) && length <= int64(len(f.all)); samples, at = samples-1, at+each {
		length += int64(be32(run, at+sized))
	}
	return next, length
}

// keep notes a part of a track's data, if it lies where data may lie.
func (f *filmed) keep(t *track, s Span) {
	i, _ := slices.BinarySearchFunc(f.media, s.Offset, func(m Span, at int64) int { return cmp.Compare(m.Offset+m.Bytes, at+1) })
	if i < len(f.media) && s.Bytes > 0 && s.Offset >= f.media[i].Offset && s.Bytes <= f.media[i].Offset+f.media[i].Bytes-s.Offset && len(t.data) <= maxPlaces {
		t.data = append(t.data, s)
	}
}

func be32(b []byte, at int) uint32 { return binary.BigEndian.Uint32(b[at:]) }

// merged are parts in their order, those that touch as one.
func merged(parts []Span) (all []Span) {
	slices.SortFunc(parts, func(a, b Span) int { return cmp.Compare(a.Offset, b.Offset) })
	for _, p := range parts {
		if last := len(all) - 1; last >= 0 && p.Offset <= all[last].Offset+all[last].Bytes {
			all[last].Bytes = max(all[last].Bytes, p.Offset+p.Bytes-all[last].Offset)
			continue
		}
		all = append(all, p)
	}
	return all
}

// Blank overwrites parts of a file, which keeps its length, and so its structure.
func Blank(w io.WriterAt, parts []Span) error {
	zeros := make([]byte, 64<<10)
	for _, p := range parts {
		for done := int64(0); done < p.Bytes; done += int64(len(zeros)) {
			if _, err := w.WriteAt(zeros[:min(int64(len(zeros)), p.Bytes-done)], p.Offset+done); err != nil {
				return err
			}
		}
	}
	return nil
}
