// Inside WeChat its bridge opens the pay sheet with the words that the server has signed. What it answers proves
// nothing: the page that follows asks the server.
{
  const waiting = document.querySelector("[data-pay-sheet]");
  const open = () => {
    const { appid, timestamp, noncestr, package: prepared, signtype, paysign } = waiting.dataset;
    const call = { appId: appid, timeStamp: timestamp, nonceStr: noncestr, package: prepared, signType: signtype, paySign: paysign };
    WeixinJSBridge.invoke("getBrandWCPayRequest", call, () => location.assign(waiting.dataset.return));
  };
  if (waiting) {
    if (window.WeixinJSBridge) open();
    else addEventListener("WeixinJSBridgeReady", open, { once: true });
    on("click", "[data-pay-again]", () => window.WeixinJSBridge && open());
  }
}
