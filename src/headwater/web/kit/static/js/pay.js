// Inside WeChat its bridge opens the pay sheet with the words that the server has signed.
// What it answers proves nothing: the page that follows asks the server.
{
  const waiting = document.querySelector("[data-pay-sheet]");
  const open = () => {
    const given = waiting.dataset;
    const call = {
      appId: given.appid,
      timeStamp: given.timestamp,
      nonceStr: given.noncestr,
      package: given.package,
      signType: given.signtype,
      paySign: given.paysign,
    };
    const goOn = () => location.assign(given.return);
    WeixinJSBridge.invoke("getBrandWCPayRequest", call, goOn);
  };
  if (waiting) {
    if (window.WeixinJSBridge) open();
    else addEventListener("WeixinJSBridgeReady", open, { once: true });
    on("click", "[data-pay-again]", () => window.WeixinJSBridge && open());
  }
}
