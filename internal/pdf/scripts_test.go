package pdf

import (
	"flag"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode"

	"fieldgate/internal/pdf/pdftest"
)

var keep = flag.String("keep", "", "where to put the page of nine scripts, to be looked at")

// scripts are sentences as customers write them.
var scripts = []struct{ name, text string }{
	{"Latin", "Łódź: the “coil” is ﬁne – 24 kW, 7½ h, €1,250"},
	{"Greek and Cyrillic", "Αθήνα: αντικατάσταση · Київ: заміна фільтра"},
	{"Thai", "เปลี่ยนเครื่องปรับอากาศบนดาดฟ้า ๒ เครื่อง น้ำรั่วที่ห้องประชุม"},
	{"Devanagari", "छत की इकाई बदलें, फ़िल्टर साफ़ करें – क्षेत्र श्रीमती त्रिपाठी"},
	{"Hebrew", "החלפת יחידת הגג (24 קילוואט) עבור Harbour View עד 12:30"},
	{"Arabic", "استبدال وحدة السطح رقم 24 في مبنى Harbour قبل الساعة 12:30 والنُّور لا"},
	{"Chinese", "更换屋顶机组二号，清洗过滤网。“骨直角”"},
	{"Japanese", "屋上ユニット２号機を交換します。「骨直角」ﾌｨﾙﾀｰ"},
	{"Korean", "옥상 유닛 2호기 교체, 필터 청소 및 점검"},
	{"Emoji", "👍🏽 ❄️ 🔧 ☎ ✅ 👩‍🔧 🇦🇺 → ✓"},
}

func fontsOf(t testing.TB) *Fonts {
	t.Helper()
	fonts := NewFonts("../../fonts")
	if missing := fonts.Missing(); len(missing) > 0 {
		t.Fatalf("make assets brings the fonts: %v", missing)
	}
	return fonts
}

func specimen(t testing.TB, fonts *Fonts) ([]byte, *sheet) {
	t.Helper()
	with := head
	with.fonts = fonts
	s := newSheet(with, "Nine scripts", sent)
	s.page()
	s.letterhead(with)
	for _, script := range scripts {
		s.section(script.name, 20)
		s.one(margin, s.y, s.inner(), script.text, style{size: 15, in: ink})
		s.y += 8
		s.prose(margin, 60, script.text, words)
		s.one(margin, s.y, 40, script.text, strong)
		s.y += words.height()
	}
	file, err := s.finish("Northwind", "Scripts")
	if err != nil {
		t.Fatal(err)
	}
	return file, s
}

// TestScripts: letters and not boxes, found again as they were typed, in a
// document that has of each font what it uses.
func TestScripts(t *testing.T) {
	t.Parallel()
	file, s := specimen(t, fontsOf(t))
	if len(s.set.missing) > 0 {
		t.Errorf("these print as boxes: %q", string(slices.Sorted(maps.Keys(s.set.missing))))
	}
	text := pdftest.Text(t, file)
	for _, script := range scripts {
		want := tidy(script.text)
		if script.name == "Hebrew" || script.name == "Arabic" {
			continue // from left to right, which TestShaping has
		}
		if !strings.Contains(text, want) {
			t.Errorf("%s is not found as it was typed:\n%s\nin\n%s", script.name, want, text)
		}
	}
	if !strings.Contains(text, "Harbour View") || !strings.Contains(text, "12:30") || strings.Contains(text, "03:21") {
		t.Error("numbers and names inside what runs from the right do not")
	}
	const most = 200_000
	if len(file) > most {
		t.Errorf("%d bytes", len(file))
	}
	if *keep != "" {
		if err := os.WriteFile(*keep, file, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	again, _ := specimen(t, fontsOf(t))
	if string(again) != string(file) {
		t.Error("the same page is another file when it is printed again")
	}
}

// TestWithoutFonts: what cannot be printed is known, and nothing else is said to
// be missing.
func TestWithoutFonts(t *testing.T) {
	t.Parallel()
	_, s := specimen(t, nil)
	for c := range s.set.missing {
		if !unicode.In(c, unicode.Thai, unicode.Devanagari, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana, eastAsian[5], beyondLetters, unicode.Sk) {
			t.Errorf("%q is said to be missing", c)
		}
	}
	if !s.set.missing['屋'] || !s.set.missing['ป'] || s.set.missing['ה'] {
		t.Errorf("missing: %q", string(slices.Sorted(maps.Keys(s.set.missing))))
	}
}

func BenchmarkJapaneseQuote(b *testing.B) {
	with := head
	with.fonts = fontsOf(b)
	q := rooftop()
	q.Title, q.Description, q.Terms = scripts[7].text, strings.Repeat(scripts[7].text, 20), strings.Repeat(scripts[7].text, 100)
	for b.Loop() {
		file, err := printQuote(with, q)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(len(file)), "bytes/file")
	}
}

func BenchmarkQuote(b *testing.B) {
	for b.Loop() {
		file, err := printQuote(head, rooftop())
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(len(file)), "bytes/file")
	}
}
