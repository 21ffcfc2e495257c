package imaging

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"image"
	"os/exec"
	"testing"
	"time"
)

// manyScans is a grey progressive JPEG of which each scan after the first costs
// thirteen bytes or so and goes over the whole picture.
func manyScans(w, h, scans int) []byte {
	segment := func(marker byte, body ...byte) []byte {
		return append(binary.BigEndian.AppendUint16([]byte{0xff, marker}, uint16(2+len(body))), body...)
	}
	table := func(class, symbol byte) []byte { // one code of one bit
		return segment(0xc4, append(append([]byte{class, 1}, make([]byte, 15)...), symbol)...)
	}
	size := binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(nil, uint16(h)), uint16(w))
	blocks := (w + 7) / 8 * ((h + 7) / 8)
	// “The end of this and 32,766 blocks more”, a bit and fourteen: 0x3fff, as often as needed.
	var refinement []byte
	bits, n := uint32(0), 0
	for range (blocks + 32_766) / 32_767 {
		bits, n = bits<<15|0x3fff, n+15
		for ; n >= 8; n -= 8 {
			if refinement = append(refinement, byte(bits>>(n-8))); refinement[len(refinement)-1] == 0xff {
				refinement = append(refinement, 0)
			}
		}
	}
	refinement = append(refinement, byte(bits<<(8-n))|0xff>>n, 0)

	b := bytes.Join([][]byte{
		{0xff, 0xd8},
		segment(0xdb, append([]byte{0}, bytes.Repeat([]byte{1}, 64)...)...),
		segment(0xc2, append(append([]byte{8}, size...), 1, 1, 0x11, 0)...),
		table(0x00, 0), table(0x10, 0xe0),
		segment(0xda, 1, 1, 0, 0, 0, 0), make([]byte, (blocks+7)/8),
	}, nil)
	for range scans - 1 {
		b = append(append(b, segment(0xda, 1, 1, 0, 1, 63, 0)...), refinement...)
	}
	return append(b, 0xff, 0xd9)
}

func TestScansAreCountedBeforeDecoding(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		content []byte
		taken   bool
	}{
		"as programs write them":          {manyScans(640, 480, 14), true},
		"hundreds":                        {manyScans(640, 480, 300), false},
		"dozens, over the largest of all": {manyScans(8000, 6000, 30), false},
	} {
		_, err := Inspect(bytes.NewReader(c.content), int64(len(c.content)), "a.jpg")
		if refused, ok := errors.AsType[Refused](err); ok == c.taken || (!ok && err != nil) {
			t.Errorf("%s, at upload: %v, %v", name, refused, err)
		}
		_, _, err = Render(t.Context(), bytes.NewReader(c.content), JPEG)
		if refused, ok := errors.AsType[Refused](err); ok == c.taken || (!ok && err != nil) {
			t.Errorf("%s, in the queue: %v, %v", name, refused, err)
		}
	}
}

// A code that looks like a scan's or the end's mark inside a table is none.
func TestMarksInsideTablesAreNoMarks(t *testing.T) {
	t.Parallel()
	photo := manyScans(64, 48, 3)
	table := append(binary.BigEndian.AppendUint16([]byte{0xff, 0xfe}, 2+600), bytes.Repeat([]byte{0xff, 0xda, 0xff, 0xd9}, 150)...)
	between := bytes.LastIndex(photo, []byte{0xff, 0xda})
	photo = append(append(bytes.Clone(photo[:between]), table...), photo[between:]...)
	if w, h, err := Measure(photo, JPEG); w != 64 || h != 48 || err != nil {
		t.Errorf("%d × %d, %v", w, h, err)
	}
	_, _, scan := jpegFrame(photo)
	if end := jpegEnd(photo[:len(photo)-2], scan, func() bool { return true }); end != -1 {
		t.Errorf("cut off: it ends at %d", end)
	}
}

// What a file's head cannot tell, the child's limits end.
func TestLimitsOfTheChild(t *testing.T) {
	t.Parallel()
	costly := manyScans(4000, 2500, 2000)
	for name, l := range map[string]limits{
		"time":   {CPU: time.Second, Memory: 2 << 30, Wall: time.Minute},
		"memory": {CPU: time.Minute, Memory: 96 << 20, Wall: time.Minute},
	} {
		if testing.Short() && name == "memory" { // the race detector itself takes more
			continue
		}
		_, _, err := decodeApart(t.Context(), request{Type: JPEG.MIME, Limits: l}, costly)
		if refused, ok := errors.AsType[Refused](err); !ok || refused != errCostly {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A child that the machine ends, or somebody, says nothing about the file.
func TestWhoseFaultTheChildsEndIs(t *testing.T) {
	t.Parallel()
	l := limits{CPU: 10 * time.Second, Memory: 2 << 30}
	for _, c := range []struct {
		name, does, says string
		broken           bool
	}{
		{"ended by the machine", "kill -KILL $$", "", false},
		{"ended by whoever stops the program", "kill -INT $$", "", false},
		{"our own mistake", "exit 1", "read request: EOF", false},
		{"no threads left on the machine", "exit 2", "runtime: failed to create new OS thread (have 4 already; errno=11)", false},
		{"more memory than allowed", "exit 2", "runtime: out of memory: cannot allocate 805306368-byte block", true},
		{"the same, met by Go's runtime itself", "exit 2", "SIGSEGV: segmentation violation", true},
		{"a decoder's fault", "exit 2", "panic: runtime error: index out of range", true},
	} {
		cmd := exec.CommandContext(t.Context(), "sh", "-c", c.does)
		_ = cmd.Run()
		if got := l.broken(cmd.ProcessState, []byte(c.says)); got != c.broken {
			t.Errorf("%s: the file's fault is %v", c.name, got)
		}
	}
	busy := exec.CommandContext(t.Context(), "sh", "-c", "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; kill -KILL $$")
	_ = busy.Run()
	if !(limits{CPU: time.Millisecond, Memory: 2 << 30}).broken(busy.ProcessState, nil) {
		t.Error("a child that has used its time is the file's fault, whatever ends it")
	}
}

func TestDecodingEndsWithItsContext(t *testing.T) {
	t.Parallel()
	costly := manyScans(4000, 2500, 95)
	ctx, cancel := context.WithCancel(t.Context())
	after := time.AfterFunc(50*time.Millisecond, cancel)
	defer after.Stop()
	_, err := Decode(ctx, costly, JPEG, Frame{Width: 100, Height: 100, Pixels: MaxPixels})
	if _, refused := errors.AsType[Refused](err); refused {
		t.Errorf("a program that stops says nothing about the file: %v", err)
	}
}

// An Exif block may name others, each of which may name as many: only the first
// is followed, or a photo would cost a minute while its sender waits.
func TestExifIsReadOnce(t *testing.T) {
	t.Parallel()
	const entries = 65_535
	b := append([]byte("II*\x00\x08\x00\x00\x00"), 0xff, 0xff)
	for range entries {
		b = binary.LittleEndian.AppendUint16(b, tagExif)
		b = append(b, 4, 0, 1, 0, 0, 0, 8, 0, 0, 0) // this very directory
	}
	pngs := asPNG(t, quarters(8, 8))
	pngs = append(append(bytes.Clone(pngs[:33]), pngChunk("eXIf", b)...), pngs[33:]...)
	if _, err := Inspect(bytes.NewReader(pngs), int64(len(pngs)), "a.png"); err != nil {
		t.Error(err)
	}
	segments := bytes.Repeat(withExif([]byte{0xff, 0xd8}, b[:60_000])[2:], 100)
	jpg := asJPEG(t, quarters(8, 8))
	jpg = append(append(bytes.Clone(jpg[:2]), segments...), jpg[2:]...)
	if _, err := Inspect(bytes.NewReader(jpg), int64(len(jpg)), "a.jpg"); err != nil {
		t.Error(err)
	}
}

func TestDecodeFits(t *testing.T) {
	t.Parallel()
	plain := asJPEG(t, quarters(640, 320))
	img, err := Decode(t.Context(), withExif(plain, tiff(binary.LittleEndian, 6, "")), JPEG, Frame{Width: 100, Height: 100, Pixels: MaxPixels})
	if err != nil {
		t.Fatal(err)
	}
	if got := corners(img); img.Rect.Size() != image.Pt(50, 100) || got != "WRGB" {
		t.Errorf("%v, %s", img.Rect, got)
	}
	_, err = Decode(t.Context(), plain, JPEG, Frame{Width: 100, Height: 100, Pixels: 640*320 - 1})
	if _, ok := errors.AsType[Refused](err); !ok {
		t.Errorf("more pixels than allowed: %v", err)
	}
}
