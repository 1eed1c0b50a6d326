document-is-written-bytes-sha-256 = { $out } is written ({ $pdf } bytes, SHA-256 { $sha256 }).
