import { expect, test } from "vitest";
import { withParticles } from "./particles";

// As the names are read: 씨오엔엘, 엠에스티유, 솔티, 일, 삼, 십.
test.each([
  ["CONL이(가) 뒤처져", "CONL이 뒤처져"],
  ["MSTU이(가) 뒤처져", "MSTU가 뒤처져"],
  ["NVDL과(와) AMDL", "NVDL과 AMDL"],
  ["BITU과(와) MSTU", "BITU와 MSTU"],
  ["COIN을(를)", "COIN을"],
  ["GLD을(를)", "GLD를"],
  ["SOLT이(가)", "SOLT가"],
  ["삼성전자이(가)", "삼성전자가"],
  ["현대모비스(012330)을(를)", "현대모비스(012330)을"],
  ["v1으로(로)", "v1로"],
  ["v3으로(로)", "v3으로"],
  ["v10으로(로)", "v10으로"],
  ["No particle here (at all)", "No particle here (at all)"],
])("%s is read %s", (text, read) => expect(withParticles(text)).toBe(read));
